import { createHash } from 'node:crypto'
import type { MaskRule } from '../../../core/verdict.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { RequestHead } from '../../http/head.ts'
import { meantLine } from '../../http/meant-line.ts'
import type { Shown } from '../../http/shown.ts'
import { hiddenLine } from '../../http/shown.ts'
import type { Json } from '../../http/strict-json.ts'
import { portLine, portsAsked } from '../streams/forwarded-ports.ts'
import type { Asked } from './operation.ts'
import { showSent } from './secret-places.ts'
import { valuesOf } from './verbs.ts'

export interface ReadBody {
  readonly value: Json
  readonly bytes: Buffer
  /** In a form of which little is read: it counts as one value that is not shown. */
  readonly unread?: true
}

/** What rules with texts judge: the request's line, a command in words, ports, and its body. */
export function requestText(head: RequestHead, body: ReadBody | undefined): string {
  const lines = linesOf(head)
  return body === undefined ? lines : `${lines}\n\n${written(body.value)}`
}

/** The same for people, without what is a secret where it stands, or what masks hide. */
export function shownText(
  head: RequestHead,
  body: ReadBody,
  asked: Asked,
  masks: readonly MaskRule[],
  keys: MaskKeys,
): Shown {
  const { value, hidden: left } = showSent(body.value, asked, masks, keys)
  const hidden = left + (body.unread === true ? 1 : 0)
  const last =
    hidden === 0
      ? `sha256 ${createHash('sha256').update(body.bytes).digest('hex')}`
      : hiddenLine(hidden, body.bytes, keys)
  return { text: `${linesOf(head)}\n\n${written(value)}\n${last}`, hidden }
}

function linesOf(head: RequestHead): string {
  const words = valuesOf(head, 'command')
  return [
    meantLine(head),
    ...(words.length === 0 ? [] : [`command: ${words.map(quoted).join(' ')}`]),
    ...portsAsked(valuesOf(head, 'ports')).map(portLine),
  ].join('\n')
}

function written(value: Json): string {
  return JSON.stringify(value, undefined, 1)
}

/** As a shell would be told; for people. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
