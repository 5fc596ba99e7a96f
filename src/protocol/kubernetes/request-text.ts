import { createHash } from 'node:crypto'
import type { RequestHead } from '../../http/head.ts'
import { meantLine } from '../../http/meant-line.ts'
import type { Json } from '../../http/strict-json.ts'
import { isObject } from '../../http/strict-json.ts'
import { fieldAt, textAt } from './body.ts'
import { portLine, portsAsked } from './forwarded-ports.ts'
import { valuesOf } from './verbs.ts'

/**
 * What records and approvers see of a request: its line, a command in words, ports, and its body with what
 * looks like a secret left out. The digest is of the body's exact bytes.
 */
export function requestText(
  head: RequestHead,
  body: { readonly value: Json; readonly bytes: Buffer } | undefined,
): string {
  const words = valuesOf(head, 'command')
  const lines = [
    meantLine(head),
    ...(words.length === 0 ? [] : [`command: ${words.map(quoted).join(' ')}`]),
    ...portsAsked(valuesOf(head, 'ports')).map(portLine),
  ]
  if (body === undefined) return lines.join('\n')
  const digest = createHash('sha256').update(body.bytes).digest('hex')
  const shown = JSON.stringify(withoutSecrets(body.value), undefined, 1)
  return [...lines, '', shown, `sha256 ${digest}`].join('\n')
}

/** As a shell would be told; for people. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

const SECRET_PARTS: ReadonlySet<string> = new Set(['data', 'stringData'])
const SECRET_NAME = /(password|passwd|pwd|secret|token|key|credential|connectionstring)s?$/i
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const NOT_SHOWN = '(not shown)'

/** Values of Secrets, of environment variables and fields that are named like secrets, and copies. */
export function withoutSecrets(value: Json): Json {
  return cleaned(value, textAt(value, 'kind') === 'Secret' || !hasKind(value))
}

/** A patch need not say what it is of: `data` in it is taken for a Secret's. */
function hasKind(value: Json): boolean {
  return fieldAt(value, 'kind') !== undefined
}

function cleaned(value: Json, inSecret: boolean): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => cleaned(one, inSecret))
  if (!isObject(value)) return value
  const isNamedSecret = SECRET_NAME.test(textAt(value, 'name') ?? textAt(value, 'path') ?? '')
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (inSecret && SECRET_PARTS.has(name)) return [name, hidden(one)]
      if (name === APPLIED || (name === 'value' && isNamedSecret)) return [name, hidden(one)]
      if (typeof one === 'string' && SECRET_NAME.test(name)) return [name, NOT_SHOWN]
      return [name, cleaned(one, inSecret)]
    }),
  )
}

function hidden(value: Json): Json {
  if (!isObject(value)) return NOT_SHOWN
  return Object.fromEntries(Object.keys(value).map((name) => [name, NOT_SHOWN]))
}
