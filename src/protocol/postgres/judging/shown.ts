import { createHash } from 'node:crypto'
import type { Operation } from '../../../core/operation.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { Classified } from '../../../sql/classification.ts'

/** The text that a prepared statement or a cursor stands for. */
export interface Named {
  readonly name: string
  /** Without secrets. */
  readonly text: string
  readonly fingerprint: string
}

export function named(name: string, text: string, { operation }: Classified): Named {
  const { textWithoutSecrets, fingerprint } = operation
  return { name, text: textWithoutSecrets ?? text, fingerprint }
}

/** A judged operation that wants to go to the target. */
export interface Candidate {
  readonly classified: Classified
  readonly judgement: Judgement
  readonly text: string
  readonly parameters?: readonly (string | null)[]
  /** What it runs that stands elsewhere. */
  readonly runs: readonly Named[]
  /** The exact bytes that an approval is bound to. */
  readonly bytes: readonly (Buffer | string)[]
}

/** What people are shown of a statement, and what their approval is bound to beside its bytes. */
export interface Shown {
  readonly operation: Operation
  readonly text: string
  /** All that would make it another operation, though its own bytes stay the same. */
  readonly binds: string
}

/**
 * The statement, the texts of what it runs by a name, and in words what of it nobody has seen. Alike
 * statements are those that run alike ones.
 */
export function shownOf({ classified, text, runs }: Candidate): Shown {
  const { operation } = classified
  const { accesses, facts, textWithoutSecrets } = operation
  const unseen = (facts.unseen ?? []).map((what) => `Not seen, and not approved: ${UNSEEN[what]}.`)
  const ran = runs.map(({ name, text: of }) => `${JSON.stringify(name)} is:\n${of}`)
  const alike = [operation.fingerprint, ...runs.map(({ fingerprint }) => fingerprint)]
  return {
    operation: runs.length === 0 ? operation : { ...operation, fingerprint: digestOf(alike) },
    text: [textWithoutSecrets ?? text, ...ran, ...unseen].join('\n\n'),
    binds: JSON.stringify([accesses, facts, runs]),
  }
}

const UNSEEN = {
  data: 'the rows that COPY brings',
  code: 'what functions, procedures and blocks of code do inside',
} as const

function digestOf(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32)
}
