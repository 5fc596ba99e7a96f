import { createHash } from 'node:crypto'
import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'
import { createTracer } from '../leak/tracer.ts'
import type { Heard } from './agent.ts'
import type { Secret } from './secrets.ts'
import { secretTexts } from './secrets.ts'

/** The hashes that HTTP and its APIs have headers for, in the spellings in which they write them. */
const HASHES = ['md5', 'sha1', 'sha256', 'sha512'] as const
const ENCODINGS = ['hex', 'base64', 'base64url'] as const

/** A hash by itself is found by its first characters. */
const HASH_CHARACTERS = 16

/**
 * Finds a secret in what an agent heard: in the bytes, in the fields and body as a library read them,
 * in the body decompressed, in any spelling that `createTracer` knows, and in hashes of the secret or
 * of `documents`, which hold it.
 */
export function createHttpTracer(secret: Secret) {
  const texts = secretTexts(secret)
  const trace = createTracer(texts)
  const ofSecrets = texts.flatMap(hashesOf)

  return ({ bytes, fields, body }: Heard, documents: readonly Buffer[]): string | undefined => {
    const hashes = [...ofSecrets, ...documents.flatMap(hashesOf)]
    for (const reading of [bytes, fields, ...bodiesOf(body)]) {
      const found = trace(reading) ?? hashes.find((hash) => reading.includes(hash))
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** Whether a long text, in which stretches of anything turn up by chance, holds a secret whole. */
export function holds(text: string, secret: Secret): boolean {
  return secretTexts(secret).some((one) =>
    (['latin1', 'base64', 'hex', 'base64url'] as const).some((encoding) => {
      // The last character of base64 tells of what follows.
      const written = Buffer.from(one).toString(encoding).replaceAll('=', '').slice(0, -1)
      return text.includes(written)
    }),
  )
}

function hashesOf(content: string | Buffer): string[] {
  return HASHES.flatMap((name) => {
    const digest = createHash(name).update(content).digest()
    return ENCODINGS.map((encoding) => digest.toString(encoding).slice(0, HASH_CHARACTERS))
  })
}

const INFLATERS = [
  gunzipSync,
  inflateSync,
  inflateRawSync,
  brotliDecompressSync,
  zstdDecompressSync,
] as const

function* bodiesOf(body: Buffer): Generator<string> {
  yield body.toString('latin1')
  yield body.toString('utf8')
  for (const inflate of INFLATERS) {
    let plain: Buffer
    try {
      plain = inflate(body)
    } catch {
      continue
    }
    yield plain.toString('latin1')
  }
}
