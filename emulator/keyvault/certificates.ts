import { X509Certificate } from 'node:crypto'
import { createAuthority } from '../../src/listen/certificates.ts'
import type { Reply } from '../entra/http.ts'
import { attributes, idOf, ok } from './answers.ts'
import type { Call, Kind } from './shelf-routes.ts'
import { answerShared, applyAttributes } from './shelf-routes.ts'
import { createShelf } from './store.ts'

export interface Certificate {
  /** DER, base64. */
  readonly cer: string
  readonly policy: object
}

const YEAR_MS = 365 * 86_400_000

export function certificatesOf(url: string): Kind<Certificate> {
  const place = { url, collection: 'certificates' } as const
  return {
    place,
    shelf: createShelf<Certificate>(),
    item: (name, version, withVersion) => ({
      id: idOf(place, name, withVersion ? version.id : undefined),
      attributes: attributes(version),
      tags: version.tags,
    }),
    bundle: (name, version) => ({
      id: idOf(place, name, version.id),
      kid: `${url}/keys/${name}/${version.id}`,
      sid: `${url}/secrets/${name}/${version.id}`,
      cer: version.content.cer,
      policy: { id: `${idOf(place, name)}/policy`, ...version.content.policy },
      attributes: attributes(version),
      tags: version.tags,
    }),
  }
}

export async function answerCertificates(
  kind: Kind<Certificate>,
  call: Call,
): Promise<Reply | undefined> {
  const [name = '', second] = call.path
  const { method } = call.request
  if (method === 'POST' && second === 'create') {
    const { policy = {} } = call.body as { policy?: object }
    const now_ms = call.now_s * 1000
    const { certificate } = await createAuthority(name, {
      from_ms: now_ms,
      to_ms: now_ms + YEAR_MS,
    })
    const cer = new X509Certificate(certificate).raw.toString('base64')
    applyAttributes(kind.shelf.add(name, { cer, policy }, call.now_s), call)
    return { ...pending(kind, name), status: 202 }
  }
  if (second === 'pending' && method === 'GET') return pending(kind, name)
  const version = kind.shelf.find(name)
  if (second === 'policy' && method === 'GET' && version !== undefined) {
    return ok({ id: `${idOf(kind.place, name)}/policy`, ...version.content.policy })
  }
  return answerShared(kind, call)
}

/** Done at once, which the service is not. */
function pending({ place }: Kind<Certificate>, name: string): Reply {
  return ok({
    id: `${idOf(place, name)}/pending`,
    issuer: { name: 'Self' },
    status: 'completed',
    target: idOf(place, name),
    request_id: name,
  })
}
