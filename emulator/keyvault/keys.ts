import type { JsonWebKey, KeyObject } from 'node:crypto'
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
} from 'node:crypto'
import type { Reply } from '../entra/http.ts'
import { attributes, failed, idOf, missing, ok } from './answers.ts'
import type { Call, Kind } from './shelf-routes.ts'
import { answerShared, applyAttributes } from './shelf-routes.ts'
import { createShelf, type Version } from './store.ts'

/** A private key as JWK; the vault shows the public part alone. */
export interface Key {
  readonly jwk: JsonWebKey
  readonly operations: readonly string[]
}

const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'],
  EC: ['sign', 'verify'],
}

export function keysOf(url: string): Kind<Key> {
  const place = { url, collection: 'keys' } as const
  const bundle = (name: string, version: Version<Key>) => ({
    key: {
      ...publicPart(version.content.jwk),
      kid: idOf(place, name, version.id),
      key_ops: version.content.operations,
    },
    attributes: attributes(version),
    tags: version.tags,
  })
  return {
    place,
    shelf: createShelf<Key>(),
    item: (name, version, withVersion) => ({
      kid: idOf(place, name, withVersion ? version.id : undefined),
      attributes: attributes(version),
      tags: version.tags,
    }),
    bundle,
  }
}

export function answerKeys(kind: Kind<Key>, call: Call): Reply | undefined {
  const { method } = call.request
  const [name = '', second, third] = call.path
  if (method === 'PUT' && second === undefined) {
    const { key } = call.body as { key?: JsonWebKey }
    return key === undefined ? failed(400, 'BadParameter', 'No key.') : added(kind, name, key, call)
  }
  if (method === 'POST' && (second === 'create' || second === 'rotate')) {
    const { kty, crv } = call.body as { kty?: string; crv?: string }
    return added(kind, name, newKey(kty ?? 'RSA', crv), call)
  }
  const verb = third ?? second
  if (method === 'POST' && verb !== undefined && verb in USES) {
    const version = kind.shelf.find(name, third === undefined || second === '' ? undefined : second)
    return version === undefined ? missing('keys', name) : used(kind, name, version, verb, call)
  }
  return answerShared(kind, call)
}

function added(kind: Kind<Key>, name: string, jwk: JsonWebKey, call: Call): Reply {
  const operations = OPERATIONS[(jwk.kty ?? '').replace('-HSM', '')] ?? []
  const version = kind.shelf.add(name, { jwk, operations }, call.now_s)
  applyAttributes(version, call)
  return ok(kind.bundle(name, version))
}

function newKey(kty: string, crv = 'P-256'): JsonWebKey {
  const pair = kty.startsWith('EC')
    ? generateKeyPairSync('ec', { namedCurve: crv })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return pair.privateKey.export({ format: 'jwk' })
}

function publicPart({ kty, n, e, crv, x, y }: JsonWebKey): JsonWebKey {
  return { kty, n, e, crv, x, y } as JsonWebKey
}

type Use = (key: KeyObject, algorithm: string, body: Readonly<Record<string, unknown>>) => object

const USES: Readonly<Record<string, Use>> = {
  encrypt: (key, algorithm, body) => ({ value: encrypted(key, algorithm, body['value']) }),
  wrapkey: (key, algorithm, body) => ({ value: encrypted(key, algorithm, body['value']) }),
  decrypt: (key, algorithm, body) => ({ value: decrypted(key, algorithm, body['value']) }),
  unwrapkey: (key, algorithm, body) => ({ value: decrypted(key, algorithm, body['value']) }),
  sign: (key, _, body) => ({ value: signed(key, body['value']) }),
  verify: (key, _, body) => ({
    value: verified(key, body['digest'], body['value']),
  }),
}

function used(
  kind: Kind<Key>,
  name: string,
  version: Version<Key>,
  verb: string,
  call: Call,
): Reply {
  const key = createPrivateKey({ key: version.content.jwk, format: 'jwk' })
  const { alg } = call.body as { alg?: string }
  if (!['RS256', 'RSA1_5', 'RSA-OAEP', 'RSA-OAEP-256'].includes(alg ?? '')) {
    return failed(400, 'BadParameter', 'The emulator knows RS256, RSA1_5 and RSA-OAEP.')
  }
  return ok({
    kid: idOf(kind.place, name, version.id),
    ...USES[verb]!(key, alg ?? '', call.body),
  })
}

function encrypted(key: KeyObject, algorithm: string, value: unknown): string {
  return publicEncrypt({ key: createPublicKey(key), ...padding(algorithm) }, bytes(value)).toString(
    'base64url',
  )
}

function decrypted(key: KeyObject, algorithm: string, value: unknown): string {
  return privateDecrypt({ key, ...padding(algorithm) }, bytes(value)).toString('base64url')
}

function padding(algorithm: string) {
  if (algorithm === 'RSA1_5') return { padding: constants.RSA_PKCS1_PADDING }
  const oaepHash = algorithm === 'RSA-OAEP-256' ? 'sha256' : 'sha1'
  return { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }
}

/** DigestInfo of SHA-256 (RFC 8017 section 9.2): the vault signs digests that clients made. */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

function signed(key: KeyObject, digest: unknown): string {
  const info = Buffer.concat([SHA256_INFO, bytes(digest)])
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info).toString('base64url')
}

function verified(key: KeyObject, digest: unknown, signature: unknown): boolean {
  try {
    const padding = constants.RSA_PKCS1_PADDING
    const info = publicDecrypt({ key: createPublicKey(key), padding }, bytes(signature))
    return info.equals(Buffer.concat([SHA256_INFO, bytes(digest)]))
  } catch {
    return false
  }
}

function bytes(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64url')
}
