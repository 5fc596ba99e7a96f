import type { RequestHead } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import { duplicateField } from '../../http/strict-json.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

const PROTOBUF = 'application/vnd.kubernetes.protobuf'

export function isProtobuf({ headers }: RequestHead): boolean {
  return headerOf(headers, 'content-type')?.trim().toLowerCase() === PROTOBUF
}

/** Bodies that can be read here: JSON, and patches in it. Server-side apply says YAML and sends JSON. */
const JSON_TYPE =
  /^application\/(json|json-patch\+json|merge-patch\+json|strategic-merge-patch\+json|apply-patch\+yaml)\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** Whether what follows the head can be read; in words what is wrong, with the way out. */
export function bodyProblem(head: RequestHead): readonly string[] {
  const { headers, method, bodyLength } = head
  const encoding = headerOf(headers, 'content-encoding')
  if (headers.some(([name]) => name === 'content-encoding') && encoding !== 'identity') {
    return ['has a compressed body', 'Send the body as it is.']
  }
  if (bodyLength === 0) return []
  if (method === 'GET' || method === 'HEAD') return ['reads with a body']
  if (isProtobuf(head) || JSON_TYPE.test(headerOf(headers, 'content-type') ?? '')) return []
  return [
    'has a body that is not JSON',
    'Send JSON: CBOR and YAML bodies cannot be inspected here.',
  ]
}

/** Strict JSON, without a field that stands twice; else what is wrong, in words. */
export function readBody(bytes: Buffer): { readonly value: Json } | string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return 'has a body that is not UTF-8'
  }
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return 'has a body that is not valid JSON'
  }
  return duplicateField(text) ? 'has a body in which a field stands twice' : { value }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fieldAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here = value
  for (const name of path) {
    if (!isObject(here) || !Object.hasOwn(here, name)) return undefined
    here = here[name]
  }
  return here
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'string' ? found : undefined
}

/** Calls for every text in a value. */
export function eachText(value: Json, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value)
  else if (Array.isArray(value)) for (const one of value as readonly Json[]) eachText(one, visit)
  else if (isObject(value)) for (const one of Object.values(value)) eachText(one, visit)
}
