import type { Dice } from '../support/dice.ts'
import { createDice } from '../support/dice.ts'
import type { Heard } from './agent.ts'
import { AZURE_PLACES } from './azure-places.ts'
import type { Dressing } from './dressing.ts'
import { dressed, dressing } from './dressing.ts'
import { KUBERNETES_PLACES } from './kubernetes-places.ts'
import type { Place } from './place.ts'
import type { Secret } from './secrets.ts'
import { STRANGE } from './spelling.ts'
import { STORAGE_PLACES } from './storage-places.ts'
import type { Protocol, World } from './world.ts'

export const PLACES: readonly Place[] = [...KUBERNETES_PLACES, ...AZURE_PLACES, ...STORAGE_PLACES]

/** One request, and how the target's answer to it looks, but for the secret in it. */
export interface Round {
  readonly place: Place
  readonly dressing: Dressing
  readonly protocol: Protocol
  readonly method: string
  readonly types: readonly string[]
  readonly strange?: string
  readonly seed: number
}

export interface Answered {
  readonly heard: Heard
  /** The body as the target meant it, before any coding. */
  readonly document: Buffer
}

/** What targets may call an answer; a body is read by what it is called. */
const TYPES: readonly (readonly string[])[] = [
  ['application/json'],
  ['application/json; charset=utf-8'],
  ['application/json; charset=utf-16'],
  ['application/json; charset=utf-7'],
  ['application/json;charset=x-unknown;stream=watch'],
  ['application/json', 'text/plain'],
  ['application/json, text/html'],
  ['APPLICATION/JSON'],
  ['text/json'],
  ['application/problem+json'],
  ['application/yaml'],
  ['application/xml'],
  ['application/xml; charset=utf-16'],
  ['application/atom+xml'],
  ['application/vnd.kubernetes.protobuf'],
  ['application/cbor'],
  ['text/event-stream'],
  ['text/plain'],
  ['text/csv'],
  ['multipart/mixed; boundary=b'],
  ['multipart/form-data; boundary=b'],
  ['application/octet-stream'],
  ['avro/binary'],
  [],
]

export function randomRound(dice: Dice): Round {
  const place = dice.pick(PLACES)
  const isStrange = place.isText !== true && dice.between(0, 3) === 0
  const otherType = place.typeMatters !== true && dice.between(0, 4) === 0
  const [method = ''] = place.line.split(' ')
  const asHead = method === 'GET' && dice.between(0, 12) === 0
  return {
    place,
    dressing: dressing(dice),
    protocol: dice.pick(['http1', 'http2']),
    method: asHead ? 'HEAD' : method,
    types: otherType ? dice.pick(TYPES) : [place.type],
    ...(isStrange ? { strange: dice.pick(Object.keys(STRANGE)) } : {}),
    seed: dice.between(0, 1_000_000_000),
  }
}

export function nameOf({ place, dressing: worn, protocol, method, types, strange }: Round): string {
  const asked = method === 'HEAD' ? ' (HEAD)' : ''
  const spelling = strange === undefined ? '' : `, ${strange}`
  const type = types.length === 1 && types[0] === place.type ? '' : `, type ${types.join(' and ')}`
  return `${place.name}${asked}${spelling}${type}, ${worn.names.join(', ')}, ${protocol}`
}

/** Asks once, with this secret in place. */
export async function play(world: World, round: Round, secret: Secret): Promise<Answered> {
  const { place, method } = round
  const document = documentOf(round, secret)
  const headers = place.answerHeaders?.(secret) ?? []
  const told = { status: place.status ?? 200, type: round.types, headers, secret }
  const body = method === 'HEAD' ? Buffer.alloc(0) : document
  world.target.script = dressed({ ...told, body }, round.dressing)
  const [, path = ''] = place.line.split(' ')
  const length =
    place.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(place.body)) }
  const heard = await world.speakers[round.protocol]({
    method,
    path,
    headers: { authorization: `Bearer ${world.token}`, ...place.headers, ...length },
    ...(place.body === undefined ? {} : { body: place.body }),
  })
  return { heard, document }
}

function documentOf({ place, strange, seed }: Round, secret: Secret): Buffer {
  const text = place.document(secret, createDice(seed))
  return Buffer.from(strange === undefined ? text : STRANGE[strange]!(text))
}
