import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChannelBinding, ScramTerms } from './scram.ts'
import { startScram } from './scram.ts'

/** RFC 7677 section 3. */
const VECTOR = {
  user: 'user',
  password: 'pencil',
  nonce: 'rOprNGfwEbeRWgbNEkqO',
  serverFirst:
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
    'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

function start(binding: ChannelBinding = { type: 'unsupported' }, more: Partial<ScramTerms> = {}) {
  const { user, password, nonce } = VECTOR
  return startScram({ user, password, nonce, binding, ...more })
}

test('the example of RFC 7677 comes out, in both directions', async () => {
  const client = start()
  assert.equal(client.clientFirst, 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
  const final = await client.clientFinal(VECTOR.serverFirst)
  assert.equal(final.message, VECTOR.clientFinal)
  final.verify(VECTOR.serverFinal)
})

test('a server that does not know the password is found out', async () => {
  const final = await start(undefined, { password: 'pencil2' }).clientFinal(VECTOR.serverFirst)
  const answers = [
    VECTOR.serverFinal,
    'v=',
    'v=AAAA',
    '',
    'e=other-error',
    `${VECTOR.serverFinal},x=1`,
  ]
  for (const answer of answers) {
    assert.throws(() => final.verify(answer), { code: 'TARGET_AUTH' }, answer)
  }
})

test('the binding is said in the first message and hashed into the last', async () => {
  const bound = start({ type: 'bound', endPoint: Buffer.from('certificate hash') })
  assert.match(bound.clientFirst, /^p=tls-server-end-point,,n=/)
  const { message } = await bound.clientFinal(VECTOR.serverFirst)
  const wanted = Buffer.from('p=tls-server-end-point,,certificate hash').toString('base64')
  assert.ok(message.startsWith(`c=${wanted},`))
  assert.match(start({ type: 'unoffered' }).clientFirst, /^y,,n=/)
})

test('malformed challenges and unsafe terms are refused, each with its code', async () => {
  const nonce = `${VECTOR.nonce}more`
  const cases: readonly (readonly [string, string])[] = [
    ['', 'TARGET_PROTOCOL'],
    [`r=${nonce},s=AAAA`, 'TARGET_PROTOCOL'],
    [`r=${nonce},s=!,i=4096`, 'TARGET_PROTOCOL'],
    [`r=${nonce},s=AAAA,i=4096,m=x`, 'TARGET_PROTOCOL'],
    [`m=x,r=${nonce},s=AAAA,i=4096`, 'TARGET_PROTOCOL'],
    [`r=${nonce},s=AAAA,i=04096`, 'TARGET_PROTOCOL'],
    [`r=${VECTOR.nonce},s=AAAA,i=4096`, 'TARGET_AUTH'],
    ['r=another,s=AAAA,i=4096', 'TARGET_AUTH'],
    [`r=${nonce},s=AAAA,i=4095`, 'TARGET_AUTH'],
    [`r=${nonce},s=AAAA,i=1000001`, 'TARGET_AUTH'],
  ]
  for (const [challenge, code] of cases) {
    await assert.rejects(start().clientFinal(challenge), { code }, challenge)
  }
})

test('names with = and , are escaped', () => {
  assert.equal(start(undefined, { user: 'a=b,c' }).clientFirst, `n,,n=a=3Db=2Cc,r=${VECTOR.nonce}`)
})
