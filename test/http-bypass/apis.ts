import { armApi } from '../../src/protocol/azure/arm/api.ts'
import { graphApi } from '../../src/protocol/azure/graph/api.ts'
import { vaultApi } from '../../src/protocol/azure/keyvault/api.ts'
import { createLinkStore } from '../../src/protocol/azure/shared/links.ts'
import { storageApi } from '../../src/protocol/azure/storage/exchange/api.ts'
import type { HttpApi } from '../../src/protocol/http/api.ts'
import { readRequestLine } from '../../src/protocol/http/codec/request-line.ts'
import { parseTarget } from '../../src/protocol/http/target/path.ts'
import { kubernetesApi } from '../../src/protocol/kubernetes/exchange/api.ts'

/** Every API behind the HTTP door, without a door. */
export type ApiName = 'kubernetes' | 'arm' | 'graph' | 'blob' | 'queue' | 'table' | 'vault'

const keys = { hashKey: Buffer.alloc(32) }
const authority = 'https://gateway.example/t'
const challenge = { authority, resource: 'https://storage.azure.com' }
const links = createLinkStore()
const sleep = () => Promise.resolve()

const storage = (service: 'blob' | 'queue' | 'table') =>
  storageApi({
    account: 'acme',
    service,
    target: { authority: `acme.${service}.core.windows.net`, prefix: '' },
    challenge,
    maskKeys: keys,
  }) as HttpApi<never>

export const APIS: Readonly<Record<ApiName, HttpApi<never>>> = {
  kubernetes: kubernetesApi({ keys }) as HttpApi<never>,
  arm: armApi({
    target: 'https://management.azure.com',
    authority,
    links,
    keys,
    sleep,
  }) as HttpApi<never>,
  graph: graphApi({
    target: 'https://graph.microsoft.com',
    authority,
    links,
    keys,
    sleep,
  }) as HttpApi<never>,
  blob: storage('blob'),
  queue: storage('queue'),
  table: storage('table'),
  vault: vaultApi({
    vault: 'kv',
    target: 'kv.vault.azure.net',
    challenge,
    maskKeys: keys,
  }) as HttpApi<never>,
}

export interface Understood {
  /** What policies judge. */
  readonly accesses: readonly string[]
  /** Path and query as the target gets them. */
  readonly forwarded: string
}

const ASKER = { agent: 'a', sessionId: 's' }
const VERDICT = {
  effect: 'allow' as const,
  obligations: { masks: [], onMaxRows: 'error' as const },
  policyVersion: '',
  reasons: [],
  keeps: 'shape' as const,
}

/**
 * One request without a body, from its first line to the bytes that the target gets. Undefined where
 * it is refused, or where a body would have to be read; throws what is no clean refusal.
 */
export function understand(name: ApiName, method: string, target: string): Understood | undefined {
  const api = APIS[name]
  const line = readRequestLine(`${method} ${target} HTTP/1.1`)
  const parsed = parseTarget(line.target, api.path)
  const head = {
    method: line.method,
    ...parsed,
    headers: [['x-ms-version', '2024-11-04'] as const],
    authority: 'gw.example',
    prefix: '',
    bodyLength: 0,
  }
  const reading = api.read(head, undefined, ASKER)
  if (reading.type !== 'request') return undefined
  const judgement = { verdict: VERDICT, plans: [] }
  const context = { ...ASKER, operationId: 'o', head }
  const forward = api.prepare(reading.request, judgement, context)
  const asItCame = parsed.query === '' ? parsed.path : `${parsed.path}?${parsed.query}`
  return {
    accesses: reading.request.operation.accesses
      .map(({ action, object }) => `${action} ${object.join(' / ')}`)
      .toSorted(),
    forwarded: forward.target ?? asItCame,
  }
}
