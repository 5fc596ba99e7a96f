import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { HttpApi, Treatment } from '../../http/api.ts'
import { forClients, hasNoBody, isEncoded } from '../../http/body-facts.ts'
import type { AnswerHead, HeaderList, RequestHead } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import type { Challenge } from '../shared/challenge.ts'
import { isDenial } from '../shared/denial.ts'
import { createJsonTransform } from '../shared/stored-json.ts'
import { links } from '../shared/stored-links.ts'
import { masksOf } from '../shared/stored-masks.ts'
import { VAULT_LEAF_BYTES_MAX } from '../storage/requests/limits.ts'
import type { VaultCall } from './operations.ts'
import { vaultCall } from './operations.ts'
import { vaultRefusal } from './refusal.ts'

export interface VaultOptions {
  readonly vault: string
  /** The target's host as it is dialled, with a port where it is not 443. */
  readonly target: string
  readonly challenge: Challenge
  readonly maskKeys: MaskKeys
}

/** A key vault's data plane behind the gateway: secrets, keys and certificates. */
export function vaultApi(options: VaultOptions): HttpApi<VaultCall> {
  const { vault, challenge } = options
  return {
    protocol: 'azure',
    // `keys/name//sign` is how SDKs say "the newest version"; every other empty part is refused.
    path: { emptySegments: true, encodedSlashes: false },
    read(head) {
      const call = vaultCall(head, vault)
      if (isDenial(call)) return { type: 'refused', denial: call }
      const text = `${head.method} ${call.target}`
      return { type: 'request', request: { operation: call.operation, text, note: call } }
    },
    prepare: ({ note }) => ({
      target: note.target,
      set: [
        ['accept', 'application/json'],
        ['accept-encoding', 'identity'],
      ],
      drop: DROPPED,
    }),
    answer: ({ note }, judgement, answer, { head }) =>
      vaultAnswer(note, judgement, answer, head, options),
    refuse: (denial, head) => vaultRefusal(challenge, denial, head),
  }
}

const DROPPED = ['cookie', 'origin', 'referer', 'forwarded', 'x-forwarded-for', 'x-forwarded-host']

/** Fields whose value is an address of the vault; clients go where they say, with their token. */
const LINKS: ReadonlySet<string> = new Set(['id', 'kid', 'sid', 'recoveryId', 'nextLink', 'target'])

function vaultAnswer(
  { object, operation }: VaultCall,
  judgement: Judgement,
  answer: AnswerHead,
  head: RequestHead,
  options: VaultOptions,
): Treatment {
  if (answer.status === 401) return { type: 'refused', denial: TARGET_REFUSAL }
  const client = { authority: head.authority, prefix: head.prefix }
  const addresses = links({ authority: options.target, prefix: '' }, client)
  const toGateway = (url: string) => {
    const found = addresses.find(([from]) => url.toLowerCase().startsWith(`${from}/`))
    return found === undefined ? undefined : found[1] + url.slice(found[0].length)
  }
  const headers = forClients(answer.headers).flatMap(([name, value]): HeaderList => {
    const shown = name === 'location' ? toGateway(value) : value
    return shown === undefined ? [] : [[name, shown]]
  })
  const type = headerOf(answer.headers, 'content-type')
  if (hasNoBody(answer)) return { type: 'pass', headers }
  if (!/^application\/json(?:;.*)?$/i.test(type ?? '') || isEncoded(answer.headers)) {
    return { type: 'refused', denial: UNREADABLE }
  }
  const masks = masksOf(judgement, !operation.facts.readOnly)
  const body = createJsonTransform({
    masks,
    keys: options.maskKeys,
    leafBytesMax: VAULT_LEAF_BYTES_MAX,
    columns: (path) => [[...object, ...path]],
    ...(masks.detect.length === 0
      ? {}
      : { search: createTextMasker(masks.detect, 'text', options.maskKeys) }),
    link: (text, path) => (LINKS.has(path.at(-1) ?? '') ? toGateway(text) : undefined),
  })
  return { type: 'transform', headers, body }
}

const TARGET_REFUSAL = {
  code: 'TARGET_AUTH',
  message: 'The vault refused the gateway.',
  hint: "Ask the gateway's operator: its identity lacks access to the vault.",
} as const

const UNREADABLE = {
  code: 'TARGET_PROTOCOL',
  message: 'The vault answered in a form that the gateway does not read.',
  hint: 'Try again; if it stays so, tell the operator of the gateway.',
} as const
