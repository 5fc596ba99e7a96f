import type { SteadyClock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { CredentialSource } from './credential-source.ts'
import { keptFresh, withFresh } from './kept-fresh.ts'
import type { SignedHead } from './shared-key.ts'
import { blobAuthorization, tableAuthorization } from './shared-key.ts'

type Header = readonly [name: string, value: string]
type Headers = readonly Header[]

/** Makes the target accept a request; the same shape as the proxy core asks for. */
export interface StorageAuthority {
  headers(head: SignedHead): Headers | Promise<Headers>
}

/**
 * The gateway's own token in place of the agent's. Where a copy names a source, the token goes along
 * for it too: the source was judged to be in the same account.
 */
export function storageTokenAuthority(
  source: CredentialSource,
  clock: SteadyClock,
): StorageAuthority {
  const bearer = keptFresh(async () => `Bearer ${await source.fetch()}`, clock)
  const date = dateHeader(clock)
  return {
    headers: ({ headers }) =>
      withFresh(bearer(), (token): Headers => {
        const own: Headers = [date(), ['authorization', token]]
        const copies = headers.some(([name]) => name === 'x-ms-copy-source')
        return copies ? [...own, ['x-ms-copy-source-authorization', token]] : own
      }),
  }
}

/** The services want a date of the last 15 minutes with every request. */
function dateHeader(clock: SteadyClock): () => Header {
  let second = Number.NaN
  let header: Header = ['x-ms-date', '']
  return () => {
    const now = Math.floor(clock.now_ms() / 1000)
    if (now !== second) header = ['x-ms-date', new Date(now * 1000).toUTCString()]
    second = now
    return header
  }
}

/** Signs each request with the account's key, which stays here. Takes the place of `x-ms-date`. */
export function sharedKeyAuthority(
  account: string,
  service: 'blob' | 'queue' | 'table',
  source: CredentialSource,
  clock: SteadyClock,
): StorageAuthority {
  const sign = service === 'table' ? tableAuthorization : blobAuthorization
  const accountKey = keptFresh(async () => checkedKey(await source.fetch()), clock)
  const dated = dateHeader(clock)
  return {
    headers: (head) =>
      withFresh(accountKey(), (key): Headers => {
        const date = dated()
        const headers = [...head.headers.filter(([name]) => name !== 'x-ms-date'), date]
        return [date, ['authorization', sign({ ...head, headers }, { name: account, key })]]
      }),
  }
}

function checkedKey(key: string): string {
  if (isKey(key)) return key
  throw new ChaperoneError('TARGET_CREDENTIAL', 'The key of the storage account is no key.', {
    hint: "Set the resource's credential to one of the account's keys, in base64.",
  })
}

/** 64 bytes in base64; anything else would sign with a key that nobody has. */
function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{86}==$/.test(text)
}
