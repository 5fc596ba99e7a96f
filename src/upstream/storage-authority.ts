import type { Clock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { CredentialSource } from './credentials.ts'
import type { SignedHead } from './shared-key.ts'
import { blobAuthorization, tableAuthorization } from './shared-key.ts'

type Headers = readonly (readonly [name: string, value: string])[]

/** Makes the target accept a request; the same shape as the proxy core asks for. */
export interface StorageAuthority {
  headers(head: SignedHead): Promise<Headers>
}

/**
 * The gateway's own token in place of the agent's. Where a copy names a source, the token goes along
 * for it too: the source was judged to be in the same account.
 */
export function storageTokenAuthority(source: CredentialSource, clock: Clock): StorageAuthority {
  return {
    async headers({ headers }) {
      const token = `Bearer ${await source.fetch()}`
      const copies = headers.some(([name]) => name === 'x-ms-copy-source')
      return [
        dateHeader(clock),
        ['authorization', token],
        ...(copies ? [['x-ms-copy-source-authorization', token] as const] : []),
      ]
    },
  }
}

/** The services want a date of the last 15 minutes with every request. */
function dateHeader(clock: Clock): readonly [name: string, value: string] {
  return ['x-ms-date', new Date(clock.now_ms()).toUTCString()]
}

/** Signs each request with the account's key, which stays here. Takes the place of `x-ms-date`. */
export function sharedKeyAuthority(
  account: string,
  service: 'blob' | 'queue' | 'table',
  source: CredentialSource,
  clock: Clock,
): StorageAuthority {
  const sign = service === 'table' ? tableAuthorization : blobAuthorization
  return {
    async headers(head) {
      const key = await source.fetch()
      if (!isKey(key)) {
        throw new ChaperoneError('TARGET_CREDENTIAL', 'The key of the storage account is no key.', {
          hint: "Set the resource's credential to one of the account's keys, in base64.",
        })
      }
      const date = dateHeader(clock)
      const headers = [...head.headers.filter(([name]) => name !== 'x-ms-date'), date]
      return [date, ['authorization', sign({ ...head, headers }, { name: account, key })]]
    },
  }
}

/** 64 bytes in base64; anything else would sign with a key that nobody has. */
function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{86}==$/.test(text)
}
