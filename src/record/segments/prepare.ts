import { asChaperoneError } from '../../core/errors.ts'
import { makeFolder } from './io.ts'
import { lockFolder } from './lock.ts'
import type { Leftovers } from './recover.ts'
import { recover } from './recover.ts'
import { errnoOf } from './unavailable.ts'

export interface Prepared {
  readonly leftovers: Leftovers
  readonly unlock: () => void
}

/** Takes the folder for this gateway alone, and only then reads what is left in it. */
export function prepare(folder: string): Prepared {
  let unlock: (() => void) | undefined
  try {
    makeFolder(folder)
    unlock = lockFolder(folder)
    return { leftovers: recover(folder), unlock }
  } catch (error) {
    unlock?.()
    throw asChaperoneError(
      error,
      'RECORD_UNAVAILABLE',
      `The records folder ${folder} cannot be used (${errnoOf(error)}).`,
      'The gateway needs a folder that it can create, read and write.',
    )
  }
}
