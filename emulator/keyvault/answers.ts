import type { Reply } from '../entra/http.ts'
import type { Thing, Version } from './store.ts'

/** What an answer about a thing needs to know. */
export interface Place {
  /** `https://…`: where the vault says it is. */
  readonly url: string
  readonly collection: 'secrets' | 'keys' | 'certificates'
}

export function idOf({ url, collection }: Place, name: string, version?: string): string {
  return `${url}/${collection}/${name}${version === undefined ? '' : `/${version}`}`
}

export function attributes({ enabled, created_s, updated_s }: Version<unknown>) {
  return {
    enabled,
    created: created_s,
    updated: updated_s,
    recoveryLevel: 'Recoverable+Purgeable',
    recoverableDays: 90,
  }
}

/** The fields of what was deleted softly, beside its own. */
export function deletion({ url, collection }: Place, name: string, now_s: number) {
  return {
    recoveryId: `${url}/deleted${collection}/${name}`,
    deletedDate: now_s,
    scheduledPurgeDate: now_s + 90 * 86_400,
  }
}

const PAGE = 25

/** One page of a list, and the address of the next as the service writes it. */
export function page<T>(
  things: readonly T[],
  query: URLSearchParams,
  address: string,
  show: (thing: T) => object,
): Reply {
  const size = Math.min(Number(query.get('maxresults') ?? PAGE), PAGE)
  const from = Number(query.get('$skiptoken') ?? 0)
  const next = from + size
  const version = query.get('api-version') ?? ''
  const nextLink =
    next < things.length
      ? `${address}?api-version=${version}&$skiptoken=${next}&maxresults=${size}`
      : null
  return ok({ value: things.slice(from, next).map(show), nextLink })
}

export function ok(body: object): Reply {
  return { status: 200, body }
}

export function failed(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } }
}

export function missing(collection: string, name: string): Reply {
  const thing = `${collection.slice(0, 1).toUpperCase()}${collection.slice(1, -1)}`
  return failed(
    404,
    `${thing}NotFound`,
    `A ${thing.toLowerCase()} with (name/id) ${name} was not found in this key vault.`,
  )
}

/** A backup is nothing that anyone but the vault can read; here, nothing that anyone tries to. */
export function sealed(thing: Thing<unknown>): Reply {
  return ok({ value: Buffer.from(JSON.stringify(thing)).toString('base64url') })
}

export function unsealed<T>(value: unknown): Thing<T> | undefined {
  if (typeof value !== 'string') return undefined
  try {
    return JSON.parse(Buffer.from(value, 'base64url').toString('utf8')) as Thing<T>
  } catch {
    return undefined
  }
}
