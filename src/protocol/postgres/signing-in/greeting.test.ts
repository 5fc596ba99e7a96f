import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { connectTo, openDoor, readAll, readSome } from '../../../../test/support/door.ts'
import { noPsql } from '../../../../test/support/postgres-programs.ts'
import {
  authenticationOk,
  messageField,
  readMessageFields,
  readyForQuery,
} from '../messages/message.ts'
import type { SessionGreeting } from './greeting.ts'
import { cancelRequest, passwordMessage, sslRequest, startupMessage } from './handshake-messages.ts'

const STARTUP = startupMessage({ user: 'etl', database: 'sales-db/shop' })
const ASKED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])

async function secure(socket: Socket, alpn?: string): Promise<Socket> {
  const secured = connectTls({
    socket,
    rejectUnauthorized: false,
    servername: 'sales-db.localhost',
    ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
  })
  secured.on('error', () => {})
  await once(secured, 'secureConnect')
  return secured
}

async function secureBySslRequest(port: number): Promise<Socket> {
  const socket = await connectTo(port)
  socket.write(sslRequest())
  assert.equal((await readSome(socket)).toString(), 'S')
  return secure(socket)
}

function sqlstate(message: Buffer): string | undefined {
  assert.equal(message[0], 0x45, 'an ErrorResponse')
  return messageField(readMessageFields(message, 5, 1 + message.readInt32BE(1)), 'C')
}

test('TLS by SSLRequest, then start-up and password', async (context) => {
  const door = await openDoor(context)
  const client = await secureBySslRequest(door.port)
  client.write(STARTUP)
  assert.deepEqual(await readSome(client), ASKED)
  client.write(Buffer.concat([passwordMessage('a token'), Buffer.from('early')]))
  const greeting = (await door.next()) as SessionGreeting
  assert.equal(greeting.type, 'session')
  assert.equal(greeting.password, 'a token')
  assert.equal(greeting.sni, 'sales-db.localhost')
  assert.equal(greeting.clientAddress, '127.0.0.1')
  assert.equal(greeting.startup.database, 'sales-db/shop')
  assert.equal(greeting.remainder.toString(), 'early')

  const heard = once(greeting.socket, 'data')
  client.write('more')
  greeting.socket.resume()
  assert.equal(String((await heard)[0]), 'more')
  greeting.socket.destroy()
})

test('direct TLS needs ALPN', async (context) => {
  const door = await openDoor(context)
  const client = await secure(await connectTo(door.port), 'postgresql')
  client.write(Buffer.concat([STARTUP, passwordMessage('t')]))
  assert.equal(((await door.next()) as SessionGreeting).password, 't')
  client.destroy()

  const nameless = await secure(await connectTo(door.port))
  await assert.rejects(door.next(), { code: 'PROTOCOL_VIOLATION' })
  assert.equal((await readAll(nameless)).length, 0)

  await assert.rejects(secure(await connectTo(door.port), 'http/1.1'))
  await assert.rejects(door.next(), { code: 'PROTOCOL_VIOLATION' })
})

test('one byte at a time is as good as all at once', async (context) => {
  const door = await openDoor(context)
  const client = await secureBySslRequest(door.port)
  for (const byte of Buffer.concat([STARTUP, passwordMessage('a token')])) {
    client.write(Buffer.from([byte]))
    await new Promise(setImmediate)
  }
  const greeting = (await door.next()) as SessionGreeting
  assert.equal(greeting.password, 'a token')
  client.destroy()
})

test('plain text is refused before a password is asked for', async (context) => {
  const door = await openDoor(context)
  const client = await connectTo(door.port)
  client.write(STARTUP)
  const answer = await readAll(client)
  assert.equal(sqlstate(answer), '28000')
  assert.match(answer.toString(), /code=TLS_REQUIRED/)
  assert.equal(answer.indexOf(ASKED), -1)
  await assert.rejects(door.next(), { code: 'TLS_REQUIRED' })
})

test('plain text from this machine, where that is allowed', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback', noTls: true })
  const client = await connectTo(door.port)
  client.write(sslRequest())
  assert.equal((await readSome(client)).toString(), 'N')
  client.write(Buffer.concat([STARTUP, passwordMessage('t')]))
  const greeting = (await door.next()) as SessionGreeting
  assert.equal(greeting.password, 't')
  assert.equal(greeting.sni, undefined)
  client.destroy()
})

test('GSSAPI encryption is declined, then TLS goes on', async (context) => {
  const door = await openDoor(context)
  const client = await connectTo(door.port)
  client.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]))
  assert.equal((await readSome(client)).toString(), 'N')
  client.write(sslRequest())
  assert.equal((await readSome(client)).toString(), 'S')
  const secured = await secure(client)
  secured.write(Buffer.concat([STARTUP, passwordMessage('t')]))
  assert.equal(((await door.next()) as SessionGreeting).password, 't')
  secured.destroy()
})

test('a cancel request is handed over, in TLS and out of it', async (context) => {
  const door = await openDoor(context)
  const plain = await connectTo(door.port)
  plain.write(cancelRequest(7, -8))
  const secured = await secureBySslRequest(door.port)
  secured.write(cancelRequest(9, 10))
  for (const [pid, secret] of [
    [7, -8],
    [9, 10],
  ]) {
    const { socket, ...rest } = await door.next()
    assert.deepEqual(rest, { type: 'cancel', pid, secret, clientAddress: '127.0.0.1' })
    socket.destroy()
  }
})

test('plain text that follows an encryption request is never read', async (context) => {
  const door = await openDoor(context)
  for (const request of [sslRequest(), Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30])]) {
    const client = await connectTo(door.port)
    client.write(Buffer.concat([request, STARTUP]))
    await assert.rejects(door.next(), { code: 'PROTOCOL_VIOLATION' })
    assert.equal((await readAll(client)).length, 0)
  }
})

test('malformed beginnings', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback' })
  const packet = (length: number, code: number, body = '') => {
    const bytes = Buffer.alloc(8 + body.length)
    bytes.writeUInt32BE(length, 0)
    bytes.writeUInt32BE(code, 4)
    bytes.write(body, 8, 'latin1')
    return bytes
  }
  const cases: readonly (readonly [Buffer, string])[] = [
    [Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'MESSAGE_TOO_LARGE'],
    [packet(4, 0x0003_0000), 'PROTOCOL_VIOLATION'],
    [packet(0xffff_ffff, 0x0003_0000), 'MESSAGE_TOO_LARGE'],
    [packet(9, 80_877_103, 'x'), 'PROTOCOL_VIOLATION'],
    [packet(12, 80_877_102, 'abcd'), 'PROTOCOL_VIOLATION'],
    [packet(20, 80_877_102, 'abcdabcdabcd'), 'PROTOCOL_VIOLATION'],
    [packet(9, 0x0002_0000, '\0'), 'PROTOCOL_UNSUPPORTED'],
    [packet(9, 0x0003_0000, '\0'), 'PROTOCOL_VIOLATION'],
    [startupMessage({ user: 'a', replication: 'true' }), 'PROTOCOL_UNSUPPORTED'],
    [startupMessage({ user: 'a', client_encoding: 'LATIN1' }), 'SQL_ENCODING'],
  ]
  for (const [bytes, code] of cases) {
    const client = await connectTo(door.port)
    client.write(bytes)
    const answer = await readAll(client)
    assert.match(answer.toString('latin1'), new RegExp(`code=${code}\\b`))
    await assert.rejects(door.next(), { code })
  }
})

test('what comes in place of a password', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback' })
  const message = (type: string, body: Buffer) => {
    const header = Buffer.alloc(5)
    header.write(type)
    header.writeUInt32BE(4 + body.length, 1)
    return Buffer.concat([header, body])
  }
  const cases: readonly (readonly [Buffer, string])[] = [
    [passwordMessage(''), 'CREDENTIAL_MISSING'],
    [message('Q', Buffer.from('SELECT 1\0')), 'PROTOCOL_VIOLATION'],
    [message('p', Buffer.from('no end')), 'PROTOCOL_VIOLATION'],
    [message('p', Buffer.from('two\0ends\0')), 'PROTOCOL_VIOLATION'],
    [message('p', Buffer.alloc(0)), 'PROTOCOL_VIOLATION'],
    [message('p', Buffer.from([0xff, 0])), 'CREDENTIAL_MALFORMED'],
    [passwordMessage('x'.repeat(65_531)), 'MESSAGE_TOO_LARGE'],
    [Buffer.from([0x70, 0, 0, 0, 3]), 'PROTOCOL_VIOLATION'],
    [Buffer.from([0x70, 0xff, 0xff, 0xff, 0xff]), 'PROTOCOL_VIOLATION'],
  ]
  for (const [bytes, code] of cases) {
    const client = await connectTo(door.port)
    client.write(Buffer.concat([STARTUP, bytes]))
    const answer = await readAll(client)
    assert.match(answer.toString('latin1'), new RegExp(`code=${code}\\b`))
    await assert.rejects(door.next(), { code })
  }
})

test('the longest password is taken', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback' })
  const client = await connectTo(door.port)
  const password = 'x'.repeat(65_530)
  client.write(Buffer.concat([STARTUP, passwordMessage(password)]))
  assert.equal(((await door.next()) as SessionGreeting).password, password)
  client.destroy()
})

test('who leaves, at whatever point, is an error and nothing more', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback' })
  const cases: readonly (readonly [Buffer, string])[] = [
    [Buffer.alloc(0), 'PROTOCOL_VIOLATION'],
    [STARTUP.subarray(0, 20), 'PROTOCOL_VIOLATION'],
    [STARTUP, 'CREDENTIAL_MISSING'],
  ]
  for (const [bytes, code] of cases) {
    const client = await connectTo(door.port)
    client.end(bytes)
    await assert.rejects(door.next(), { code })
  }
  const half = await connectTo(door.port)
  half.write(sslRequest())
  await readSome(half)
  half.destroy()
  await assert.rejects(door.next(), { code: 'PROTOCOL_VIOLATION' })
  const garbled = await connectTo(door.port)
  garbled.write(sslRequest())
  await readSome(garbled)
  garbled.write('this is not TLS at all, not a bit of it')
  await assert.rejects(door.next(), { code: 'PROTOCOL_VIOLATION' })
  garbled.destroy()
})

test('encryption is asked for once', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback', noTls: true })
  const client = await connectTo(door.port)
  client.write(sslRequest())
  await readSome(client)
  client.write(sslRequest())
  assert.match((await readAll(client)).toString(), /PROTOCOL_VIOLATION/)
  await assert.rejects(door.next(), { code: 'PROTOCOL_VIOLATION' })

  const inside = await secureBySslRequest((await openDoor(context)).port)
  inside.write(sslRequest())
  assert.match((await readAll(inside)).toString(), /PROTOCOL_VIOLATION/)
})

test('whoever is too slow is told so, in every phase', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback', timeout_ms: 100 })
  for (const bytes of [Buffer.alloc(0), STARTUP.subarray(0, 9), STARTUP]) {
    const client = await connectTo(door.port)
    client.write(bytes)
    assert.match((await readAll(client)).toString(), /PROTOCOL_TIMEOUT/)
    await assert.rejects(door.next(), { code: 'PROTOCOL_TIMEOUT' })
  }
  const client = await connectTo(door.port)
  client.write(sslRequest())
  await assert.rejects(door.next(), { code: 'PROTOCOL_TIMEOUT' })
  client.destroy()
})

test('a newer minor version is negotiated down', async (context) => {
  const door = await openDoor(context, { plaintext: 'loopback' })
  const client = await connectTo(door.port)
  const startup = startupMessage({ user: 'a', '_pq_.grease': '1' })
  startup.writeInt32BE(0x0003_0002, 4)
  client.write(startup)
  const told = Buffer.concat([
    Buffer.from('76000000180003000000000001', 'hex'),
    Buffer.from('_pq_.grease\0'),
  ])
  let answer = Buffer.alloc(0)
  while (answer.length < told.length + ASKED.length) {
    answer = Buffer.concat([answer, await readSome(client)])
  }
  assert.deepEqual(answer, Buffer.concat([told, ASKED]))
  client.destroy()
})

const run = promisify(execFile)

async function psql(url: string, env: Record<string, string> = {}) {
  const options = { env: { PATH: process.env['PATH'], PGCONNECT_TIMEOUT: '10', ...env } }
  return run('psql', [url, '-X', '-c', 'SELECT 1'], options).catch(
    (error: { stderr: string }) => error,
  )
}

test(
  'psql signs in with verified TLS, and sends its token',
  { skip: noPsql() },
  async (context) => {
    const door = await openDoor(context)
    const url = `postgresql://etl@localhost:${door.port}/sales-db%2Fshop?sslmode=verify-full`
    const token = 'x'.repeat(20_000)
    const client = psql(`${url}&sslrootcert=${door.authorityFile}&hostaddr=127.0.0.1`, {
      PGPASSWORD: token,
      PGOPTIONS: '-c statement_timeout=5s',
    })
    const greeting = (await door.next()) as SessionGreeting
    assert.equal(greeting.password, token)
    assert.deepEqual(greeting.startup, {
      user: 'etl',
      database: 'sales-db/shop',
      parameters: { application_name: 'psql', statement_timeout: '5s' },
    })
    greeting.socket.end(Buffer.concat([authenticationOk(), readyForQuery('I')]))
    await client
  },
)

test(
  'psql shows why it was refused, and never sent its password',
  { skip: noPsql() },
  async (c) => {
    const door = await openDoor(c)
    const url = `postgresql://etl@127.0.0.1:${door.port}/shop?sslmode=disable`
    const { stderr } = await psql(url, { PGPASSWORD: 'secret' })
    assert.match(stderr, /FATAL: {2}Plain text is refused/)
    assert.match(stderr, /HINT: {2}Connect with TLS/)
    await assert.rejects(door.next(), { code: 'TLS_REQUIRED' })
  },
)
