import type { Socket } from 'node:net'

/** A peer that does not take its last bytes keeps no socket. */
const LINGER_MS = 3_000

export function whenClosed(socket: Socket, then: () => void): void {
  if (socket.closed) then()
  else socket.once('close', then)
}

/** Destroys what has not closed by itself in time. */
export function closeSoon(...sockets: readonly Socket[]): void {
  const timer = setTimeout(() => sockets.forEach((socket) => socket.destroy()), LINGER_MS)
  timer.unref()
  // Until then it would keep all that the session had in memory.
  let open = sockets.length
  const closed = () => {
    open--
    if (open === 0) clearTimeout(timer)
  }
  for (const socket of sockets) whenClosed(socket, closed)
}
