import type { Reply } from '../entra/http.ts'
import { attributes, failed, idOf, ok } from './answers.ts'
import type { Call, Kind } from './shelf-routes.ts'
import { answerShared, applyAttributes } from './shelf-routes.ts'
import { createShelf } from './store.ts'

export interface Secret {
  readonly value: string
  readonly contentType?: string
}

export function secretsOf(url: string): Kind<Secret> {
  const place = { url, collection: 'secrets' } as const
  return {
    place,
    shelf: createShelf<Secret>(),
    item: (name, version, withVersion) => ({
      id: idOf(place, name, withVersion ? version.id : undefined),
      contentType: version.content.contentType,
      attributes: attributes(version),
      tags: version.tags,
    }),
    bundle: (name, version) => ({
      value: version.content.value,
      contentType: version.content.contentType,
      id: idOf(place, name, version.id),
      attributes: attributes(version),
      tags: version.tags,
    }),
  }
}

export function answerSecrets(kind: Kind<Secret>, call: Call): Reply | undefined {
  const [name, second] = call.path
  if (call.request.method === 'PUT' && name !== undefined && second === undefined) {
    const { value, contentType } = call.body as Partial<Secret>
    if (typeof value !== 'string') return failed(400, 'BadParameter', 'Property value is missing.')
    if (kind.shelf.deleted(name) !== undefined) {
      return failed(
        409,
        'Conflict',
        `Secret ${name} is currently in a deleted but recoverable state.`,
      )
    }
    const content = contentType === undefined ? { value } : { value, contentType }
    const version = kind.shelf.add(name, content, call.now_s)
    applyAttributes(version, call)
    return ok(kind.bundle(name, version))
  }
  const version =
    name === undefined ? undefined : kind.shelf.find(name, second === '' ? undefined : second)
  if (call.request.method === 'GET' && version?.enabled === false) {
    return failed(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.')
  }
  return answerShared(kind, call)
}
