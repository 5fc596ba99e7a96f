/** Joins slices that lie next to each other in one buffer, so that a run of them is one write. */
export function coalesce(buffers: Buffer[]): Buffer[] {
  if (buffers.length < 2) return buffers
  const joined: Buffer[] = []
  let current = buffers[0]!
  for (let index = 1; index < buffers.length; index++) {
    const next = buffers[index]!
    if (next.buffer === current.buffer && next.byteOffset === current.byteOffset + current.length) {
      current = Buffer.from(current.buffer, current.byteOffset, current.length + next.length)
    } else {
      joined.push(current)
      current = next
    }
  }
  joined.push(current)
  return joined
}
