import { isEncoded } from '../../http/body-facts.ts'
import type { RequestHead } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import type { Json } from '../../http/strict-json.ts'
import { isObject } from '../../http/strict-json.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'

export function isProtobuf(head: RequestHead): boolean {
  return bodyType(head)?.trim().toLowerCase() === PROTOBUF
}

/** What a body is that does not say it: JSON to the API server, but for a patch, of which there are many kinds. */
export const UNSAID_TYPE = 'application/json'

/** What the API server takes the body for; undefined where it would refuse it. */
export function bodyType({ headers, method }: RequestHead): string | undefined {
  const said = headerOf(headers, 'content-type')
  if (said !== undefined && said !== '') return said
  return method === 'PATCH' ? undefined : UNSAID_TYPE
}

/** True where the type must be put into words on the way. */
export function leavesTypeUnsaid(head: RequestHead): boolean {
  return head.bodyLength !== 0 && (headerOf(head.headers, 'content-type') ?? '') === ''
}

/** Bodies that can be read here: JSON, and patches in it. Server-side apply says YAML and sends JSON. */
const JSON_TYPE =
  /^application\/(json|json-patch\+json|merge-patch\+json|strategic-merge-patch\+json|apply-patch\+yaml)\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** Whether what follows the head can be read; in words what is wrong, with the way out. */
export function bodyProblem(head: RequestHead): readonly string[] {
  const { headers, method, bodyLength } = head
  if (isEncoded(headers)) {
    return ['has a compressed body', 'Send the body as it is.']
  }
  if (bodyLength === 0) return []
  if (method === 'GET' || method === 'HEAD') return ['reads with a body']
  if (isProtobuf(head) || JSON_TYPE.test(bodyType(head) ?? '')) return []
  return [
    'has a body that is not JSON',
    'Send JSON: CBOR and YAML bodies cannot be inspected here.',
  ]
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

/** Calls for every text in a value, names of fields among them. */
export function eachText(value: Json, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value)
  else if (Array.isArray(value)) for (const one of value as readonly Json[]) eachText(one, visit)
  else if (isObject(value)) {
    for (const [name, one] of Object.entries(value)) {
      visit(name)
      eachText(one, visit)
    }
  }
}
