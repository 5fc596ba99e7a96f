import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { BACKEND } from '../messages/frame.ts'
import type { SignIn } from './target-authentication.ts'
import { authenticate } from './target-authentication.ts'
import type { TargetLine } from './target-line.ts'
import type { TargetMessage } from './target-messages.ts'

const SIGN_IN: SignIn = { user: 'ann', credential: 'secret', md5: true, plaintextChosen: true }

const asks = (code: number, ...more: readonly (Buffer | string)[]): TargetMessage => {
  const head = Buffer.alloc(4)
  head.writeInt32BE(code)
  const body = Buffer.concat([head, ...more.map((one) => Buffer.from(one as string, 'latin1'))])
  return { type: BACKEND.Authentication, body }
}

const OK = asks(0)
const LIST = asks(10, 'SCRAM-SHA-256\0\0')
const SALT = Buffer.from([1, 2, 3, 4])

/** The messages of a target, each made when it is read, from what was written until then. */
type Script = readonly ((written: readonly Buffer[]) => TargetMessage)[]

async function signIn(script: Script, options: Partial<SignIn> = {}, secured = true) {
  const written: Buffer[] = []
  const socket = { remoteAddress: '127.0.0.1', write: (bytes: Buffer) => void written.push(bytes) }
  const line = { socket, secured: secured ? { getPeerX509Certificate() {} } : undefined }
  const left = [...script]
  const next = async () => {
    const make = left.shift()
    assert.ok(make, 'a message more than the target sends is waited for')
    return make(written)
  }
  await authenticate(line as unknown as TargetLine, next, { ...SIGN_IN, ...options })
  assert.equal(left.length, 0, 'not all that the target says is heard')
  return written
}

/** What a server of RFC 5802 says; `change` changes its last proof. */
function scramScript(change: (signature: Buffer) => Buffer = (same) => same): Script {
  const salt = Buffer.from('salt').toString('base64')
  let first = ''
  let server = ''
  return [
    () => LIST,
    ([initial]) => {
      const text = initial!.toString('latin1')
      first = text.slice(text.indexOf('n=,r='))
      server = `${first.slice(3)}more,s=${salt},i=4096`
      return asks(11, server)
    },
    ([, response]) => {
      const withoutProof = /c=[^,]*,r=[^,]*/.exec(response!.toString('latin1'))![0]
      const salted = pbkdf2Sync('secret', 'salt', 4096, 32, 'sha256')
      const key = createHmac('sha256', salted).update('Server Key').digest()
      const signed = createHmac('sha256', key).update(`${first},${server},${withoutProof}`)
      return asks(12, `v=${change(signed.digest()).toString('base64')}`)
    },
    () => OK,
  ]
}

test('every way to sign in is gone to its end', async () => {
  assert.deepEqual(await signIn([() => OK]), [])
  assert.match(String((await signIn([() => asks(3), () => OK]))[0]), /secret\0$/)
  const md5 = (text: string | Buffer, ...more: Buffer[]) =>
    more.reduce((hash, one) => hash.update(one), createHash('md5').update(text)).digest('hex')
  const [answer] = await signIn([() => asks(5, SALT), () => OK])
  assert.match(String(answer), new RegExp(`md5${md5(md5('secretann'), SALT)}\0$`))
  assert.equal((await signIn(scramScript(), {}, false)).length, 2)
})

test('a server that cannot prove that it knows the password is not believed', async () => {
  const changes: readonly ((signature: Buffer) => Buffer)[] = [
    (same) => Buffer.alloc(same.length),
    (same) => same.subarray(1),
    (same) => Buffer.concat([same, Buffer.of(0)]),
    () => Buffer.alloc(0),
  ]
  for (const change of changes) {
    await assert.rejects(signIn(scramScript(change), {}, false), { code: /^TARGET_/ })
  }
})

test('nothing may stand behind what a message says, and nothing may come out of order', async () => {
  const more = Buffer.of(0)
  const scripts: readonly Script[] = [
    [() => asks(0, more)],
    [() => asks(3, more)],
    [() => asks(3), () => asks(0, more)],
    [() => asks(5, SALT, more)],
    [() => asks(5, SALT.subarray(1))],
    [() => asks(5, SALT), () => asks(0, more)],
    [() => asks(10, 'SCRAM-SHA-256\0\0', more)],
    [() => asks(10, 'SCRAM-SHA-256\0')],
    [() => asks(3), () => asks(3)],
    [() => asks(5, SALT), () => asks(12)],
    [() => LIST, () => OK],
    [() => LIST, () => asks(12, 'v=')],
    [...scramScript().slice(0, 2), () => OK],
    [...scramScript().slice(0, 3), () => asks(0, more)],
    [() => ({ type: BACKEND.ReadyForQuery, body: Buffer.from('I') })],
    [() => asks(3), () => ({ type: BACKEND.ReadyForQuery, body: Buffer.from('I') })],
  ]
  for (const [index, script] of scripts.entries()) {
    const run = signIn(script, {}, false)
    await assert.rejects(run, { code: 'TARGET_PROTOCOL' }, `script ${index}`)
  }
})

test('a password goes nowhere that was not chosen', async () => {
  const refused = { code: 'TARGET_AUTH' }
  await assert.rejects(signIn([() => asks(3)], { plaintextChosen: false }, false), refused)
  await assert.rejects(signIn([() => asks(5, SALT)], { md5: false }), refused)
  for (const code of [1, 2, 4, 6, 7, 8, 9, 11, 12, 13]) {
    await assert.rejects(signIn([() => asks(code)]), refused, `code ${code}`)
  }
  for (const list of ['\0', 'SCRAM-SHA-1\0\0', 'SCRAM-SHA-256-PLUS\0\0', 'OAUTHBEARER\0\0']) {
    await assert.rejects(signIn([() => asks(10, list)], {}, false), refused, list)
  }
})
