import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Forward } from '../api.ts'
import type { RequestHead } from '../head.ts'
import type { OutgoingLength } from './outgoing.ts'
import { headText, outgoingHead } from './outgoing.ts'

const HEAD: RequestHead = {
  method: 'GET',
  path: '/a/b',
  segments: ['a', 'b'],
  query: '',
  parameters: [],
  headers: [
    ['accept', '*/*'],
    ['accept-encoding', 'gzip'],
    ['x-one', '1'],
    ['sec-websocket-extensions', 'permessage-deflate'],
  ],
  authority: 'gateway.test',
  prefix: '',
  bodyLength: 0,
}

function sent(
  head: Partial<RequestHead> = {},
  forward: Forward = {},
  length: OutgoingLength = 'none',
  masked = false,
): readonly string[] {
  const facts = { host: 'target.test', masked }
  return outgoingHead({ ...HEAD, ...head }, forward, length, facts).headers.map(String)
}

describe('what goes to the target', () => {
  test('asks for plain answers wherever a mask reads them, and only there', () => {
    const set = [['accept-encoding', 'br']] as const
    const codings = (masked: boolean, forward: Forward) =>
      sent({}, forward, 'none', masked).filter((one) => one.startsWith('accept-encoding'))
    assert.deepEqual(codings(false, {}), ['accept-encoding,gzip'])
    assert.deepEqual(codings(true, {}), ['accept-encoding,identity'])
    assert.deepEqual(codings(false, { set }), ['accept-encoding,br'])
    assert.deepEqual(codings(true, { set }), ['accept-encoding,br'], 'an API that reads it itself')
    const { length } = sent({ headers: [] }, {}, 'none', true)
    assert.equal(length, 1, 'also where the client said nothing, which means any coding')
  })

  test('has what the API sets in place of what the client sent, not what it drops, no extension', () => {
    const forward: Forward = { set: [['x-one', '2']], drop: ['accept'] }
    assert.deepEqual(sent({}, forward), ['accept-encoding,gzip', 'x-one,2'])
  })

  test('says how long the body is, once, whatever it is', () => {
    const lengths = (method: string, length: OutgoingLength) =>
      sent({ method, headers: [] }, {}, length)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']) {
      assert.deepEqual(lengths(method, 'chunked'), ['transfer-encoding,chunked'])
      assert.deepEqual(lengths(method, 7), ['content-length,7'])
      const none = ['POST', 'PUT', 'PATCH'].includes(method) ? ['content-length,0'] : []
      assert.deepEqual(lengths(method, 'none'), none)
    }
  })

  test('has the path and the query of the client, or the target that the API names', () => {
    const facts = { host: 'target.test', masked: false }
    const target = (head: Partial<RequestHead>, forward: Forward = {}) =>
      outgoingHead({ ...HEAD, ...head }, forward, 'none', facts).target
    assert.equal(target({}), '/a/b')
    assert.equal(target({ query: 'x=1' }), '/a/b?x=1')
    assert.equal(target({ query: 'x=1' }, { target: '/c' }), '/c')
  })

  test('changes the protocol where the client asks for it', () => {
    const asked = ['connection,Upgrade', 'upgrade,websocket']
    assert.deepEqual(sent({ headers: [], upgrade: 'websocket' }), asked)
  })
})

describe('the text of a head', () => {
  const head = { method: 'GET', host: 'target.test', target: '/a', headers: [] }

  test('has the headers of the authority in place of all of their name', () => {
    const headers = [
      ['authorization', 'Bearer agent'],
      ['x', '1'],
      ['authorization', 'Bearer agent'],
    ] as const
    assert.equal(
      headText({ ...head, headers }, [['authorization', 'Bearer target']]),
      'GET /a HTTP/1.1\r\nhost: target.test\r\nx: 1\r\nauthorization: Bearer target\r\n\r\n',
    )
  })

  test('holds no byte that would end a line, a name or a target', () => {
    const codes = Array.from({ length: 0x180 }, (_, code) => code)
    const throws = (run: () => string) => {
      try {
        run()
        return false
      } catch {
        return true
      }
    }
    const value = codes.filter((code) =>
      throws(() => headText({ ...head, headers: [['x', `a${String.fromCharCode(code)}b`]] }, [])),
    )
    const controls = codes.filter((code) => (code < 0x20 && code !== 9) || code === 0x7f)
    const wide = codes.filter((code) => code > 0xff)
    assert.deepEqual(value, [...controls, ...wide])
    for (const code of [...controls, ...wide, 0x20, 0x23, 0x5c, 0x80]) {
      const target = `/a${String.fromCharCode(code)}b`
      assert.ok(
        throws(() => headText({ ...head, target }, [])),
        target,
      )
    }
    for (const name of ['', 'a b', 'a:', 'a\r', 'é', 'a(b', 'a\0']) {
      assert.ok(
        throws(() => headText({ ...head, headers: [[name, '1']] }, [])),
        name,
      )
      assert.ok(
        throws(() => headText(head, [[name, '1']])),
        name,
      )
    }
    assert.ok(throws(() => headText({ ...head, target: 'a' }, [])))
  })
})
