import { ChaperoneError } from '../../../../core/errors.ts'
import type { TextMasker } from '../../../../mask/mask-text.ts'
import { createTextMasker } from '../../../../mask/mask-text.ts'
import { createMasker } from '../../../../mask/maskers.ts'
import { stricter } from '../../../../mask/strictness.ts'
import type { Treatment } from '../../../http/api.ts'
import { headerOf } from '../../../http/head.ts'
import { MESSAGES_BYTES_MAX } from '../requests/limits.ts'
import type { AnswerContext } from './parts.ts'
import { isXmlType, unprovable } from './parts.ts'
import { xml } from './refusal.ts'
import { createWholeTransform } from './rewrite.ts'

/** The field of a message that column masks can name: `account/queue/MessageText`. */
const FIELD = 'MessageText'

/**
 * Texts of messages, as they are or in base64, which most clients put around them. A text that is
 * masked by name is replaced whole.
 */
export function messagesTreatment(context: AnswerContext): Treatment {
  const { answer, headers, masks, note, options } = context
  if (!masks.any) return { type: 'pass', headers }
  if (!isXmlType(headerOf(answer.headers, 'content-type') ?? '')) {
    return unprovable('An answer in this form')
  }
  const field = [...note.deed.object, FIELD]
  const named = masks.columns.filter((mask) => mask.covers(field)).map((mask) => mask.with)
  const replace =
    named.length === 0 ? undefined : createMasker(named.reduce(stricter), 'text', options.maskKeys)
  const search = createTextMasker(masks.detect, 'text', options.maskKeys)
  const body = createWholeTransform(MESSAGES_BYTES_MAX, tooLarge, (bytes) => {
    const masked = new Set<string>()
    const whole = listIn(bytes)
    const text = whole.replaceAll(TEXT, (all, inner: string) => {
      const plain = unxml(inner)
      const shown = replace === undefined ? maskMessage(plain, search) : (replace(plain) ?? '')
      if (shown === plain) return all
      masked.add(FIELD)
      return `<${FIELD}>${xml(shown)}</${FIELD}>`
    })
    return { body: Buffer.from(text), masked: [...masked] }
  })
  return { type: 'transform', headers, body }
}

/** The one form in which the service writes a list: whatever else a reader might take for a text is refused. */
const LIST =
  /^\ufeff?<\?xml version="1\.0" encoding="(?:utf-8|UTF-8)"(?: standalone="yes")?\?>\s*<QueueMessagesList(?:\s*\/>|>(?:\s*<QueueMessage>(?:\s*<(\w+)>[^<]*<\/\1>|\s*<\w+\s*\/>)*\s*<\/QueueMessage>)*\s*<\/QueueMessagesList>)\s*$/

function listIn(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!bytes.equals(Buffer.from(text)) || !LIST.test(text) || OTHER_TEXT.test(text)) throw unread()
  return text
}

/** Fields of a message that the service writes, none of which is its text. */
const OTHER_TEXT =
  /<(?!\/|\?xml |QueueMessagesList|QueueMessage>|MessageText>|(?:MessageId|InsertionTime|ExpirationTime|PopReceipt|TimeNextVisible|DequeueCount)\b)/

function unread(): ChaperoneError {
  return new ChaperoneError('MASK_UNPROVABLE', 'The messages are written in an unknown form.', {
    hint: 'Tell whoever runs the gateway: a rule masks what it could not find in them.',
  })
}

const TEXT = /<MessageText>([^<]*)<\/MessageText>/g

function maskMessage(text: string, search: TextMasker): string {
  const decoded = fromBase64(text)
  if (decoded === undefined) return search(text) ?? ''
  const masked = search(decoded) ?? ''
  const outer = search(text) ?? ''
  if (masked !== decoded) return Buffer.from(masked).toString('base64')
  return outer
}

function fromBase64(text: string): string | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  const decoded = bytes.toString('utf8')
  return decoded.includes('\ufffd') ? undefined : decoded
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

function unxml(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (all, hex, decimal, name) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16)
      if (name === undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : all
      return ENTITIES[String(name)] ?? all
    },
  )
}

function tooLarge(): ChaperoneError {
  return new ChaperoneError('MASK_UNPROVABLE', 'The messages are too large to be searched.', {
    hint: 'Ask for fewer of them at a time.',
  })
}
