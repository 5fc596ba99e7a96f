/** Builds one message; sizes are exact, since parts are collected before they are written. */
export function message(type: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const buffers = parts.map((part) => (typeof part === 'string' ? cstring(part) : part))
  const length = buffers.reduce((sum, part) => sum + part.length, 4)
  const out = Buffer.allocUnsafe(1 + length)
  out[0] = type
  out.writeInt32BE(length, 1)
  let at = 5
  for (const part of buffers) {
    part.copy(out, at)
    at += part.length
  }
  return out
}

export function cstring(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const out = Buffer.allocUnsafe(bytes + 1)
  out.write(text, 0)
  out[bytes] = 0
  return out
}

export function int32(value: number): Buffer {
  const out = Buffer.allocUnsafe(4)
  out.writeInt32BE(value | 0, 0)
  return out
}

export function int16(value: number): Buffer {
  const out = Buffer.allocUnsafe(2)
  out.writeInt16BE(value, 0)
  return out
}
