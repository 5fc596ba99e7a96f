import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testCredentialSource } from '../../test/support/credential-conformance.ts'
import { systemClock } from '../core/clock.ts'
import { openCredentialSource } from './credentials.ts'
import type { Token } from './managed-identity.ts'
import { cacheTokens } from './token-cache.ts'

const HOUR_MS = 3_600_000

testCredentialSource('environment', async () => {
  const environment: Record<string, string | undefined> = {}
  const host = { clock: systemClock, environment }
  return {
    source: openCredentialSource({ from: 'environment', variable: 'SECRET' }, host),
    set: (secret) => void (environment['SECRET'] = secret),
    clean() {},
  }
})

testCredentialSource('file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-credential-'))
  const path = join(folder, 'secret')
  return {
    source: openCredentialSource({ from: 'file', path }, { clock: systemClock }),
    set(secret) {
      rmSync(path, { force: true })
      if (secret !== undefined) writeFileSync(path, `${secret}\n`)
    },
    clean: () => rmSync(folder, { recursive: true }),
  }
})

testCredentialSource('managed identity', async () => {
  let found: string | undefined
  const managedIdentity = () => async (): Promise<Token> => {
    if (found === undefined) throw new Error('no identity')
    return { secret: found, expiresAt_ms: systemClock.now_ms() + HOUR_MS }
  }
  const reference = { from: 'managed-identity', scope: 'scope' } as const
  return {
    source: openCredentialSource(reference, { clock: systemClock, managedIdentity }),
    set: (secret) => void (found = secret),
    clean() {},
  }
})

test('a file that is far too large, or a folder, is refused', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-credential-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'large')
  writeFileSync(path, 'x'.repeat(65_537))
  for (const bad of [path, folder]) {
    const source = openCredentialSource({ from: 'file', path: bad }, { clock: systemClock })
    await assert.rejects(source.fetch(), { code: 'TARGET_CREDENTIAL' })
  }
})

/** A token service whose answers are given by hand. */
function tokenService() {
  let now_ms = 0
  let asked = 0
  let answer: () => Promise<Token> = () => Promise.reject(new Error('not set'))
  const source = cacheTokens(
    () => {
      asked += 1
      return answer()
    },
    { now_ms: () => now_ms, steady_ms: () => now_ms },
  )
  return {
    source,
    asked: () => asked,
    move: (by_ms: number) => (now_ms += by_ms),
    gives: (secret: string, life_ms = HOUR_MS) => {
      answer = async () => ({ secret, expiresAt_ms: now_ms + life_ms })
    },
    fails: () => {
      answer = () => Promise.reject(new Error('down'))
    },
  }
}

test('those who wait at once share one request, and the token is kept', async () => {
  const { source, asked, gives } = tokenService()
  gives('one')
  assert.deepEqual(await Promise.all([source.fetch(), source.fetch()]), ['one', 'one'])
  assert.equal(await source.fetch(), 'one')
  assert.equal(asked(), 1)
})

test('a token is replaced before it expires', async () => {
  const { source, move, gives } = tokenService()
  gives('one')
  await source.fetch()
  gives('two')
  move(HOUR_MS - 300_001)
  assert.equal(await source.fetch(), 'one')
  move(1)
  assert.equal(await source.fetch(), 'two')
})

test('a failed renewal is survived while the token lives, and no longer', async () => {
  const { source, move, gives, fails } = tokenService()
  gives('one')
  await source.fetch()
  fails()
  move(HOUR_MS - 1)
  assert.equal(await source.fetch(), 'one')
  move(1)
  await assert.rejects(source.fetch(), { code: 'TARGET_CREDENTIAL' })
  gives('two')
  assert.equal(await source.fetch(), 'two')
})

test('a token that is dead on arrival is not used', async () => {
  const { source, gives } = tokenService()
  gives('dead', 0)
  await assert.rejects(source.fetch(), { code: 'TARGET_CREDENTIAL' })
})
