import { setTimeout as delay } from 'node:timers/promises'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import type { Peer } from './peer.ts'
import {
  H2,
  H2_PREFACE,
  h2Block,
  h2Frame,
  openPlain,
  openPostgres,
  openTls,
  wsFrame,
} from './peer.ts'
import type { World } from './world.ts'

/** One way in, and one shape of what comes on it. */
export interface Way {
  readonly door: string
  readonly shape: string
  /** Of each byte that is sent, once the gateway is at rest: what the suite lets it cost at most. */
  readonly max?: { readonly memory: number; readonly records?: number }
  /** Sends about so many bytes, and leaves everything open that the gateway leaves open. */
  send(world: World, bytes: number): Promise<readonly Peer[]>
}

const h1 = ({ httpPort, ca }: World) => openTls(httpPort, ca, 'http/1.1')
const h2 = async ({ httpPort, ca }: World): Promise<Peer> => {
  const peer = await openTls(httpPort, ca, 'h2')
  await peer.say(H2_PREFACE)
  return peer
}
const api = ({ apiPort, ca }: World) => openTls(apiPort, ca, 'http/1.1')

function head(world: World, line: string, ...headers: readonly string[]): string {
  const own = [`host: kube.localhost`, `authorization: Bearer ${world.token}`]
  return `${[`${line} HTTP/1.1`, ...own, ...headers].join('\r\n')}\r\n\r\n`
}

const JSON_TYPE = 'content-type: application/json'
const MAPS = '/api/v1/namespaces/allowed/configmaps'
const jsonBody = (bytes: number) =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"${'x'.repeat(bytes)}`

/** One connection that says something, and stays. */
function stays(
  open: (world: World) => Promise<Peer>,
  say: (peer: Peer, world: World, bytes: number) => Promise<void>,
): Way['send'] {
  return async (world, bytes) => {
    const peer = await open(world)
    await say(peer, world, bytes)
    return [peer]
  }
}

async function heard(peer: Peer, pattern: RegExp): Promise<void> {
  for (let turns = 0; turns < 2000 && !pattern.test(peer.heard) && !peer.closed; turns++) {
    await delay(5)
  }
  if (!pattern.test(peer.heard)) throw new Error(`heard ${peer.heard.slice(0, 500)}`)
}

const STRANGERS: readonly Way[] = [
  {
    door: 'HTTP/1.1',
    shape: 'a head of long lines, byte by byte',
    max: { memory: 30 },
    send: stays(h1, (peer, _world, bytes) =>
      peer.say(`GET / HTTP/1.1\r\n${`a: ${'v'.repeat(1000)}\r\n`.repeat(bytes / 1005)}`, 1),
    ),
  },
  {
    door: 'HTTP/1.1',
    shape: 'a head of `a` lines, then byte by byte',
    send: stays(h1, async (peer, _world, bytes) => {
      await peer.say(`GET / HTTP/1.1\r\n${'a\r\n'.repeat(bytes / 6)}`)
      await peer.say('b'.repeat(bytes / 2), 1)
    }),
  },
  {
    door: 'HTTP/1.1',
    shape: 'requests without a credential, one after the other',
    send: stays(h1, (peer, _world, bytes) =>
      peer.say('GET /kube/api/v1/pods HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(bytes / 45)),
    ),
  },
  {
    door: 'HTTP/1.1',
    shape: 'connections that say nothing',
    send: async (world, bytes) => {
      const peers: Peer[] = []
      for (let n = 0; n < bytes / 500; n++) peers.push(await h1(world))
      return peers
    },
  },
  {
    door: 'HTTP/2',
    shape: 'a header block that does not end',
    send: stays(h2, async (peer, _world, bytes) => {
      await peer.say(h2Frame(H2.headers, 0, 1, Buffer.from([0x82])))
      const piece = h2Frame(H2.continuation, 0, 1, h2Block([['a', 'b']]))
      await peer.say(Buffer.concat(Array.from({ length: bytes / piece.length }, () => piece)))
    }),
  },
  {
    door: 'HTTP/2',
    shape: 'header blocks of references to one long header',
    send: stays(h2, async (peer, _world, bytes) => {
      const long = Buffer.concat([
        Buffer.from([0x40, 1, 0x61, 127, 0x81, 0x1e]),
        Buffer.alloc(4000, 118),
      ])
      for (let stream = 1, sent = 0; sent < bytes && !peer.closed; stream += 2) {
        const block = Buffer.concat([
          Buffer.from([0x82, 0x87, 0x84]),
          stream === 1 ? long : Buffer.alloc(0),
          Buffer.alloc(1000, 0xbe),
        ])
        await peer.say(h2Frame(H2.headers, 4, stream, block))
        sent += block.length
      }
    }),
  },
  ...(
    [
      ['SETTINGS', h2Frame(H2.settings, 0, 0, Buffer.from([0, 4, 0, 0, 255, 255]))],
      ['PING', h2Frame(H2.ping, 0, 0, Buffer.alloc(8))],
      ['PRIORITY', h2Frame(H2.priority, 0, 1, Buffer.from([0, 0, 0, 0, 1]))],
      ['WINDOW_UPDATE of one byte', h2Frame(H2.windowUpdate, 0, 0, Buffer.from([0, 0, 0, 1]))],
      ['unknown frames', h2Frame(77, 0, 0, Buffer.alloc(0))],
    ] as const
  ).map(([name, frame]): Way => ({
    door: 'HTTP/2',
    shape: `a flood of ${name}`,
    send: stays(h2, (peer, _world, bytes) =>
      peer.say(Buffer.concat(Array.from({ length: bytes / frame.length }, () => frame)), 16_384),
    ),
  })),
  {
    door: 'HTTP/2',
    shape: 'streams that are reset at once',
    send: stays(h2, async (peer, _world, bytes) => {
      const block = h2Block([
        [':method', 'GET'],
        [':scheme', 'https'],
        [':path', '/kube/api'],
        [':authority', 'a'],
      ])
      const each = block.length + 9 + 13
      const frames = Array.from({ length: bytes / each }, (_, n) => [
        h2Frame(H2.headers, 5, 2 * n + 1, block),
        h2Frame(H2.reset, 0, 2 * n + 1, Buffer.from([0, 0, 0, 8])),
      ])
      await peer.say(Buffer.concat(frames.flat()), 16_384)
    }),
  },
  {
    door: 'HTTP/2',
    shape: 'empty DATA of a body that does not end',
    send: stays(h2, async (peer, world, bytes) => {
      await peer.say(h2Request(world, 1, 'POST', MAPS))
      const frame = h2Frame(H2.data, 0, 1, Buffer.alloc(0))
      await peer.say(Buffer.concat(Array.from({ length: bytes / 9 }, () => frame)), 16_384)
    }),
  },
  {
    door: 'TLS',
    shape: 'a handshake byte by byte that does not end',
    send: stays(
      ({ httpPort }) => openPlain(httpPort),
      (peer, _world, bytes) => {
        const hello = Buffer.alloc(bytes + 9)
        hello.set([22, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb])
        return peer.say(hello.subarray(0, Math.min(bytes, 16_000)), 1)
      },
    ),
  },
  {
    door: 'PostgreSQL',
    shape: 'a startup packet, byte by byte',
    max: { memory: 30 },
    send: stays(
      ({ postgresPort, ca }) => openPostgres(postgresPort, ca),
      (peer, _world, bytes) => {
        const packet = Buffer.alloc(10_000, 'user\0agent\0')
        packet.writeInt32BE(10_000, 0)
        packet.writeInt32BE(196_608, 4)
        return peer.say(packet.subarray(0, Math.min(9_999, bytes)), 1)
      },
    ),
  },
  {
    door: 'PostgreSQL',
    shape: 'a password, byte by byte',
    max: { memory: 30 },
    send: stays(
      ({ postgresPort, ca }) => openPostgres(postgresPort, ca),
      async (peer, world, bytes) => {
        await startUp(peer, world)
        await heard(peer, /R/)
        await peer.say(message(0x70, 'x'.repeat(60_000)).subarray(0, bytes), 1)
      },
    ),
  },
  {
    door: 'API',
    shape: 'a head, byte by byte',
    send: stays(api, (peer, _world, bytes) =>
      peer.say(`GET /v1/agents HTTP/1.1\r\nhost: a\r\na: ${'v'.repeat(bytes)}`, 1),
    ),
  },
  {
    door: 'API',
    shape: 'a token request, byte by byte',
    max: { memory: 30 },
    send: stays(api, async (peer, _world, bytes) => {
      await peer.say(
        `POST /v1/token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${bytes + 1}\r\n\r\n`,
      )
      await peer.say('a='.repeat(bytes / 2), 1)
    }),
  },
  {
    door: 'API',
    shape: 'a token request in chunks of one byte',
    send: stays(api, async (peer, _world, bytes) => {
      await peer.say(
        'POST /v1/token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n',
      )
      await peer.say('1\r\na\r\n'.repeat(bytes / 6), 16_384)
    }),
  },
  {
    door: 'API',
    shape: 'a token request of many parameters',
    send: stays(api, async (peer, _world, bytes) => {
      const form = 'a=&'.repeat(bytes / 3)
      await peer.say(
        `POST /v1/token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${form.length}\r\n\r\n${form}`,
      )
      await heard(peer, /HTTP\/1.1 4/)
    }),
  },
]

async function startUp(peer: Peer, { bench }: World): Promise<void> {
  const settings = Buffer.from(`user\0raw\0database\0${bench.server.database}\0\0`)
  const packet = Buffer.alloc(8)
  packet.writeInt32BE(8 + settings.length)
  packet.writeInt32BE(196_608, 4)
  await peer.say(Buffer.concat([packet, settings]))
}

function h2Request(
  world: World,
  stream: number,
  method: string,
  path: string,
  ...more: readonly (readonly [string, string])[]
): Buffer {
  const block = h2Block([
    [':method', method],
    [':scheme', 'https'],
    [':path', path],
    [':authority', 'kube.localhost'],
    ['authorization', `Bearer ${world.token}`],
    ['content-type', 'application/json'],
    ...more,
  ])
  return h2Frame(H2.headers, method === 'GET' ? 5 : 4, stream, block)
}

/** Frames of one byte each. */
function h2Bytes(stream: number, body: string): Buffer {
  return Buffer.concat(
    Array.from(Buffer.from(body), (byte) => h2Frame(H2.data, 0, stream, Buffer.from([byte]))),
  )
}

const refusedPatch = (bytes: number) =>
  `[${Array.from({ length: bytes / 45 }, (_, n) => `{"op":"add","path":"/data/k${n}","value":${n}}`).join(',')}]`

const AGENTS: readonly Way[] = [
  {
    door: 'HTTP/1.1',
    shape: 'a body, byte by byte',
    max: { memory: 30 },
    send: stays(h1, async (peer, world, bytes) => {
      await peer.say(head(world, `POST ${MAPS}`, JSON_TYPE, `content-length: ${bytes + 1000}`))
      await peer.say(jsonBody(bytes), 1)
    }),
  },
  {
    door: 'HTTP/1.1',
    shape: 'a body in chunks of one byte',
    max: { memory: 10 },
    send: stays(h1, async (peer, world, bytes) => {
      await peer.say(head(world, `POST ${MAPS}`, JSON_TYPE, 'transfer-encoding: chunked'))
      await peer.say(Array.from(jsonBody(bytes / 6), (one) => `1\r\n${one}\r\n`).join(''), 16_384)
    }),
  },
  {
    door: 'HTTP/1.1',
    shape: 'a length announced and one byte of it, on many connections',
    send: async (world, bytes) => {
      const peers: Peer[] = []
      for (let n = 0; n < bytes / 2000; n++) {
        const peer = await h1(world)
        await peer.say(`${head(world, `POST ${MAPS}`, JSON_TYPE, 'content-length: 3000000')}{`)
        peers.push(peer)
      }
      return peers
    },
  },
  {
    door: 'HTTP/1.1',
    shape: 'trailers, byte by byte',
    send: stays(h1, async (peer, world, bytes) => {
      await peer.say(head(world, `POST ${MAPS}`, JSON_TYPE, 'transfer-encoding: chunked'))
      await peer.say(`1\r\n{\r\n0\r\n${'a: b\r\n'.repeat(Math.min(bytes, 16_000) / 6)}`, 1)
    }),
  },
  {
    door: 'HTTP/1.1',
    shape: 'refused patches of many operations, all different',
    max: { memory: 20, records: 10 },
    send: stays(h1, async (peer, world, bytes) => {
      const path = '/api/v1/namespaces/denied/configmaps/m'
      for (let sent = 0, n = 0; sent < bytes; n++) {
        const body = refusedPatch(bytes / 4)
        await peer.say(
          head(
            world,
            `PATCH ${path}${n}`,
            'content-type: application/json-patch+json',
            `content-length: ${body.length}`,
          ) + body,
        )
        await heard(peer, new RegExp(`m${n}`))
        sent += body.length
      }
    }),
  },
  {
    door: 'HTTP/1.1',
    shape: 'a body of deep nesting',
    send: stays(h1, async (peer, world, bytes) => {
      const body = '['.repeat(bytes)
      await peer.say(
        head(world, `POST ${MAPS}`, JSON_TYPE, `content-length: ${body.length}`) + body,
      )
      await heard(peer, /HTTP\/1.1 4/)
    }),
  },
  {
    door: 'HTTP/1.1',
    shape: 'held requests',
    send: async (world, bytes) => {
      const peers: Peer[] = []
      for (let n = 0; n < 4; n++) {
        const peer = await h1(world)
        const body = `${jsonBody(bytes / 4)}"}}`
        await peer.say(
          head(
            world,
            `POST /api/v1/namespaces/held/configmaps?fieldManager=a${n}`,
            JSON_TYPE,
            `content-length: ${body.length}`,
          ) + body,
        )
        peers.push(peer)
      }
      await delay(300)
      return peers
    },
  },
  {
    door: 'HTTP/2',
    shape: 'a body in frames of one byte',
    max: { memory: 10 },
    send: stays(h2, async (peer, world, bytes) => {
      await peer.say(h2Request(world, 1, 'POST', MAPS))
      await peer.say(h2Bytes(1, jsonBody(bytes / 10)), 16_384)
    }),
  },
  {
    door: 'HTTP/2',
    shape: 'bodies in frames of one byte, before the token is known',
    send: stays(h2, async (peer, world, bytes) => {
      const token = await world.bench.token('etl-2')
      const streams = 50
      const each = bytes / 10 / streams
      const all = Array.from({ length: streams }, (_, n) => [
        h2Request({ ...world, token }, 2 * n + 1, 'POST', MAPS),
        h2Bytes(2 * n + 1, 'x'.repeat(each)),
      ])
      await peer.say(Buffer.concat(all.flat()), 16_384)
    }),
  },
  {
    door: 'HTTP/2',
    shape: 'bodies in frames of one byte that nobody reads',
    send: stays(h2, async (peer, world, bytes) => {
      const streams = 20
      const each = Math.min(65_000, bytes / 10 / streams)
      const all = Array.from({ length: streams }, (_, n) => [
        h2Request(world, 2 * n + 1, 'POST', '/api/v1/namespaces/held/pods/p/binding?x', [
          'content-type',
          'application/vnd.kubernetes.protobuf',
        ]),
        h2Bytes(2 * n + 1, 'x'.repeat(each)),
      ])
      await peer.say(Buffer.concat(all.flat()), 16_384)
    }),
  },
  {
    door: 'PostgreSQL',
    shape: 'a Query, byte by byte',
    max: { memory: 30 },
    send: stays(
      ({ postgresPort, ca }) => openPostgres(postgresPort, ca),
      async (peer, world, bytes) => {
        await signIn(peer, world)
        await peer.say(
          message(0x51, `SELECT '${'x'.repeat(bytes + 1000)}'\0`).subarray(0, bytes),
          1,
        )
      },
    ),
  },
  {
    door: 'PostgreSQL',
    shape: 'Parse messages that nothing follows',
    send: stays(
      ({ postgresPort, ca }) => openPostgres(postgresPort, ca),
      async (peer, world, bytes) => {
        await signIn(peer, world)
        const count = Math.floor(bytes / 30)
        await peer.say(
          Buffer.concat(
            Array.from({ length: count }, (_, n) => message(0x50, `s${n}\0SELECT ${n}\0\0\0`)),
          ),
          16_384,
        )
      },
    ),
  },
]

async function signIn(peer: Peer, world: World): Promise<void> {
  await startUp(peer, world)
  await heard(peer, /R/)
  await peer.say(message(0x70, world.token))
  await heard(peer, /Z[^]{4}I$/)
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const UPGRADE = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  `sec-websocket-key: ${KEY}`,
  'sec-websocket-protocol: v5.channel.k8s.io',
]
const EXEC = '/api/v1/namespaces/allowed/pods/web/exec?command=sh&stdin=true&stdout=true'

async function terminal(world: World, more = '&tty=true'): Promise<Peer> {
  const peer = await h1(world)
  await peer.say(head(world, `GET ${EXEC}${more}`, ...UPGRADE))
  await heard(peer, /101 Switching[^]*\r\n\r\n/)
  return peer
}

const AFTER: readonly Way[] = [
  {
    door: 'WebSocket',
    shape: 'a frame that does not end, byte by byte',
    max: { memory: 30 },
    send: stays(terminal, async (peer, _world, bytes) => {
      const frame = wsFrame(0x82, Buffer.alloc(bytes + 1000))
      await peer.say(frame.subarray(0, bytes), 1)
    }),
  },
  {
    door: 'WebSocket',
    shape: 'typed, one byte a frame',
    max: { memory: 30, records: 10 },
    send: stays(terminal, async (peer, _world, bytes) => {
      const frame = wsFrame(0x82, Buffer.from('\0a'))
      const enter = wsFrame(0x82, Buffer.from('\0\r'))
      const frames = Array.from({ length: bytes / frame.length }, (_, n) =>
        n % 80 === 79 ? enter : frame,
      )
      await peer.say(Buffer.concat(frames), 16_384)
    }),
  },
  {
    door: 'WebSocket',
    shape: 'typed, one byte a frame and a TLS record',
    max: { memory: 30, records: 40 },
    send: stays(terminal, async (peer, _world, bytes) => {
      const frame = wsFrame(0x82, Buffer.from('\0a'))
      const enter = wsFrame(0x82, Buffer.from('\0\r'))
      const frames = Array.from({ length: bytes / frame.length }, (_, n) =>
        n % 80 === 79 ? enter : frame,
      )
      await peer.say(Buffer.concat(frames), frame.length)
    }),
  },
  {
    door: 'WebSocket',
    shape: 'piped, one byte a frame of one line',
    max: { memory: 30, records: 10 },
    send: stays(
      (world) => terminal(world, ''),
      async (peer, _world, bytes) => {
        const frame = wsFrame(0x82, Buffer.from('\0a'))
        await peer.say(
          Buffer.concat(Array.from({ length: bytes / frame.length }, () => frame)),
          16_384,
        )
      },
    ),
  },
  {
    door: 'WebSocket',
    shape: 'empty pings',
    send: stays(terminal, async (peer, _world, bytes) => {
      const frame = wsFrame(0x89, Buffer.alloc(0))
      await peer.say(
        Buffer.concat(Array.from({ length: bytes / frame.length }, () => frame)),
        16_384,
      )
    }),
  },
  {
    door: 'HTTP/1.1',
    shape: 'pipelined requests whose answers nobody reads',
    send: stays(h1, async (peer, world, bytes) => {
      peer.socket.pause()
      const asked = head(world, 'GET /api/v1/namespaces/allowed/pods/web/proxy/bytes?n=60000')
      void peer.say(asked.repeat(bytes / 100))
      await delay(1000)
    }),
  },
  {
    door: 'HTTP/2',
    shape: 'answers that nobody reads',
    send: stays(h2, async (peer, world, bytes) => {
      await peer.say(h2Frame(H2.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])))
      const path = '/api/v1/namespaces/allowed/pods/web/proxy/bytes?n=10000000'
      for (let n = 0; n < bytes / 2000; n++)
        await peer.say(h2Request(world, 2 * n + 1, 'GET', path))
      await delay(500)
    }),
  },
]

export const WAYS: readonly (Way & { readonly when: string })[] = [
  ...STRANGERS.map((way) => ({ ...way, when: 'before sign-in' })),
  ...AGENTS.map((way) => ({ ...way, when: 'before the verdict' })),
  ...AFTER.map((way) => ({ ...way, when: 'after the verdict' })),
]
