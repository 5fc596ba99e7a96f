import { silentLog } from '../../src/core/log.ts'
import type { Dice } from '../support/dice.ts'
import { openPlayer } from '../wire/player.ts'
import type { Scene } from './mutate.ts'

export interface Played {
  readonly toTarget: Buffer
  readonly toClient: Buffer
  /** The code that ended the conversation before its peers did. */
  readonly failed: string | undefined
}

/** Plays all scenes through a conversation of its own, cut into pieces as `cut` says. */
export function playScenes(
  scenes: readonly Scene[],
  cut: (bytes: Buffer) => readonly Buffer[],
): Played {
  let failed: string | undefined
  const player = openPlayer({
    ...silentLog,
    warn(event, fields) {
      if (event === 'session.failed') failed ??= String(fields?.['code'])
    },
  })
  for (const { from, messages } of scenes) {
    for (const piece of cut(Buffer.concat(messages))) {
      if (from === 'client') player.fromClient(piece)
      else player.fromTarget(piece)
    }
  }
  return { toTarget: player.takeForTarget(), toClient: player.takeForClient(), failed }
}

export function whole(bytes: Buffer): readonly Buffer[] {
  return bytes.length === 0 ? [] : [Buffer.from(bytes)]
}

/** Pieces of a few bytes, or of many; what was given is copied, as sockets give buffers of their own. */
export function inPieces(dice: Dice): (bytes: Buffer) => readonly Buffer[] {
  return (bytes) => {
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length;) {
      const end = at + dice.between(1, dice.pick([2, 8, 200]))
      pieces.push(Buffer.from(bytes.subarray(at, end)))
      at = end
    }
    return pieces
  }
}
