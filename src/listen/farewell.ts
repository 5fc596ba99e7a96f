import type { Socket } from 'node:net'
import { FAREWELL_MS } from './limits.ts'

/**
 * Says a last word and closes. What the peer still sends is read and dropped: closing with unread
 * bytes would reset the connection, and the peer would never see the word. A peer that does not go
 * is cut off after `within_ms`.
 */
export function sayFarewell(socket: Socket, lastWord?: Buffer, within_ms = FAREWELL_MS): void {
  if (socket.destroyed) return
  socket.on('error', () => {})
  socket.removeAllListeners('data')
  const timer = setTimeout(() => socket.destroy(), within_ms)
  socket.once('close', () => clearTimeout(timer))
  socket.once('end', () => socket.destroySoon())
  socket.resume()
  if (lastWord === undefined) socket.end()
  else socket.end(lastWord)
}
