import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { ChaperoneError } from '../../../core/errors.ts'
import { SCRAM_ITERATIONS_MAX, SCRAM_ITERATIONS_MIN } from './handshake-limits.ts'
import { saslprep } from './saslprep.ts'

/**
 * The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), pure but for the
 * key derivation.
 */
export interface ScramTerms {
  readonly password: string
  /** Printable ASCII without commas. */
  readonly nonce: string
  readonly binding: ChannelBinding
  /** PostgreSQL takes the name from the start-up packet and ignores this one. */
  readonly user?: string
}

/**
 * `bound`: the mechanism is -PLUS, with this `tls-server-end-point` (RFC 5929 section 4). `unoffered`:
 * it could have been bound, but the server offered no -PLUS, which the server checks. `unsupported`:
 * there is nothing to bind to.
 */
export type ChannelBinding =
  | { readonly type: 'bound'; readonly endPoint: Buffer }
  | { readonly type: 'unoffered' }
  | { readonly type: 'unsupported' }

export interface ScramClient {
  readonly clientFirst: string
  /** Throws TARGET_PROTOCOL for a malformed answer, TARGET_AUTH for one that is too weak. */
  clientFinal(serverFirst: string): Promise<ScramFinal>
}

interface ScramFinal {
  readonly message: string
  /** Throws TARGET_AUTH unless the server proved that it knows the password too. */
  verify(serverFinal: string): void
}

const derive = promisify(pbkdf2)
const HASH = 'sha256'
const HASH_BYTES = 32

export function startScram(terms: ScramTerms): ScramClient {
  const gs2 = GS2_HEADERS[terms.binding.type]
  const bare = `n=${escapeName(terms.user ?? '')},r=${terms.nonce}`
  return {
    clientFirst: `${gs2}${bare}`,
    async clientFinal(serverFirst) {
      const { nonce, salt, iterations } = readServerFirst(serverFirst, terms.nonce)
      const end = terms.binding.type === 'bound' ? terms.binding.endPoint : Buffer.alloc(0)
      const bound = Buffer.concat([Buffer.from(gs2), end]).toString('base64')
      const withoutProof = `c=${bound},r=${nonce}`
      const authMessage = `${bare},${serverFirst},${withoutProof}`
      const salted = await derive(saslprep(terms.password), salt, iterations, HASH_BYTES, HASH)
      const clientKey = hmac(salted, 'Client Key')
      const clientSignature = hmac(createHash(HASH).update(clientKey).digest(), authMessage)
      const proof = xor(clientKey, clientSignature).toString('base64')
      const expected = hmac(hmac(salted, 'Server Key'), authMessage)
      return {
        message: `${withoutProof},p=${proof}`,
        verify: (serverFinal) => verifyServer(serverFinal, expected),
      }
    },
  }
}

const GS2_HEADERS = {
  bound: 'p=tls-server-end-point,,',
  unoffered: 'y,,',
  unsupported: 'n,,',
} as const satisfies Record<ChannelBinding['type'], string>

function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

/** No extensions are understood, so `m=` and anything after the iteration count is refused. */
const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\d{0,9})$/

function readServerFirst(text: string, clientNonce: string) {
  const [, nonce, salt64, count] = SERVER_FIRST.exec(text) ?? []
  if (nonce === undefined || salt64 === undefined || count === undefined) {
    throw new ChaperoneError('TARGET_PROTOCOL', 'The target sent a malformed SCRAM challenge.')
  }
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length) {
    throw new ChaperoneError('TARGET_AUTH', 'The target answered another SCRAM exchange.')
  }
  const iterations = Number(count)
  if (iterations < SCRAM_ITERATIONS_MIN || iterations > SCRAM_ITERATIONS_MAX) {
    throw new ChaperoneError(
      'TARGET_AUTH',
      'The target asks for an unsafe SCRAM iteration count.',
      {
        hint: `Set the password again with scram_iterations from ${SCRAM_ITERATIONS_MIN} to ${SCRAM_ITERATIONS_MAX}.`,
      },
    )
  }
  return { nonce, salt: Buffer.from(salt64, 'base64'), iterations }
}

function verifyServer(serverFinal: string, expected: Buffer): void {
  const signature = /^v=([A-Za-z0-9+/]+={0,2})$/.exec(serverFinal)?.[1]
  const given = Buffer.from(signature ?? '', 'base64')
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new ChaperoneError('TARGET_AUTH', 'The target did not prove that it knows the password.', {
    hint: 'Something other than the target may be answering at its address.',
  })
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac(HASH, key).update(text).digest()
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, at) => byte ^ right[at]!))
}
