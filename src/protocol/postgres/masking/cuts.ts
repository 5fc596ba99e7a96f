/** Pieces of a row to replace. One is made for a stream and used again for every row. */
export interface Cuts {
  /** `[start, end)` of the bytes is replaced by `piece`. Ascending, without overlap. */
  add(start: number, end: number, piece: Buffer): void
  /** The bytes of `[start, end)` with all pieces in place: a view of them where there are none. */
  apply(bytes: Buffer, start: number, end: number): Buffer
}

export function createCuts(): Cuts {
  const starts: number[] = []
  const ends: number[] = []
  const pieces: Buffer[] = []
  let count = 0
  let growth = 0
  return {
    add(start, end, piece) {
      starts[count] = start
      ends[count] = end
      pieces[count] = piece
      count++
      growth += piece.length - (end - start)
    },
    apply(bytes, start, end) {
      if (count === 0) return bytes.subarray(start, end)
      const out = Buffer.allocUnsafe(end - start + growth)
      let from = start
      let to = 0
      for (let i = 0; i < count; i++) {
        to += bytes.copy(out, to, from, starts[i])
        to += pieces[i]!.copy(out, to)
        from = ends[i]!
      }
      bytes.copy(out, to, from, end)
      count = 0
      growth = 0
      return out
    },
  }
}
