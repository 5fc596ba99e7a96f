import type { Socket } from 'node:net'

const MAPPED = '::ffff:'

/** The peer's address, IPv4 without its IPv6 coat; `unknown` once it has gone. */
export function peerAddress(socket: Socket): string {
  const address = socket.remoteAddress ?? 'unknown'
  return address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}
