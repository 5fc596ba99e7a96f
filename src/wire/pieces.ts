/** A part of a message that goes on before all of it is there. */
export interface Piece {
  readonly first: boolean
  readonly last: boolean
}

/**
 * What has begun must be finished: a target that lacks the rest of a message takes the next ones for
 * it, and then finds messages where a client has put them, in parameters.
 */
export class Pieces {
  /** The target has had a part of a message. */
  unfinished = false

  /** Whether the piece goes to the target, which ignores what begins while it `skips`. */
  goes({ first, last }: Piece, skips: boolean): boolean {
    const goes = first ? !skips : this.unfinished
    this.unfinished = goes && !last
    return goes
  }
}
