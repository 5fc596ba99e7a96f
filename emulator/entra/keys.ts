import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { JWK, JWTHeaderParameters, JWTPayload } from 'jose'
import { SignJWT } from 'jose'

/** The tenant's signing keys; the first one signs. */
export interface SigningKeys {
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>
  /** Makes a new key; `keepOld` goes on publishing the past ones. Answers the new key id. */
  rotate(options?: { readonly keepOld?: boolean }): string
  published(): JWK[]
}

interface Key {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: JWK
}

/** The issuer is published with each key, with `{tenantid}` where Entra has it. */
export function createSigningKeys(issuer: () => string): SigningKeys {
  let keys = [makeKey()]
  return {
    sign: (claims, header = {}) => {
      const { kid, privateKey } = keys[0]!
      return new SignJWT(claims)
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid, ...header })
        .sign(privateKey)
    },
    rotate: ({ keepOld = true } = {}) => {
      keys = [makeKey(), ...(keepOld ? keys : [])]
      return keys[0]!.kid
    },
    published: () => keys.map(({ jwk }) => ({ ...jwk, issuer: issuer() })),
  }
}

function makeKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomBytes(20).toString('base64url')
  const { kty, n, e } = publicKey.export({ format: 'jwk' }) as Record<'kty' | 'n' | 'e', string>
  return { kid, privateKey, jwk: { kty, use: 'sig', kid, n, e } }
}
