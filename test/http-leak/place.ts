import type { Dice } from '../support/dice.ts'
import type { Secret } from './secrets.ts'
import type { Value } from './spelling.ts'
import { spelled } from './spelling.ts'

/** Something that an agent may ask for, of which a mask covers a part. */
export interface Place {
  readonly name: string
  /** `METHOD /path?query`, below the gateway. */
  readonly line: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly status?: number
  readonly type: string
  /** More headers of the answer; with the secret in them where a mask speaks of headers. */
  readonly answerHeaders?: (secret: Secret) => readonly string[]
  readonly document: Writer
  /** Masks are promised for the type that it has; of other types they are not. */
  readonly typeMatters?: boolean
  /** A document of another form than JSON: it is not spelled strangely. */
  readonly isText?: boolean
  /** Nothing of it is shown at all, or it is refused whatever it holds. */
  readonly isHidden?: boolean
}

/** The document around a secret; the same dice make the same document around another secret. */
export type Writer = (secret: Secret, dice: Dice) => string

/** What is not secret, in every document: it shows that an answer was let through. */
export const SEEN = 'plainly-visible'

/** Whether it stands in a body, whatever escapes it was written with. */
export function isSeenIn(body: Buffer): boolean {
  const text = body.toString('latin1')
  const plain = text.replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  return plain.includes(SEEN)
}

/** One document of JSON. */
export function json(make: (secret: Secret) => Value): Writer {
  return (secret, dice) => spelled(make(secret), dice)
}

/** One document in each line. */
export function jsonLines(make: (secret: Secret) => readonly Value[]): Writer {
  return (secret, dice) =>
    make(secret)
      .map((value) => `${spelled(value, dice).replaceAll(/[\r\n]/g, ' ')}\n`)
      .join('')
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
