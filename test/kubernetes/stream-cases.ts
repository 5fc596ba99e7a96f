import assert from 'node:assert/strict'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { follow } from './follow.ts'
import { noTerminal } from './in-terminal.ts'
import type { RecordsOf } from './recordings.ts'
import { castOf, recordsOf } from './recordings.ts'

/** Streams of kubectl through the gateway, whoever serves them behind it. */
export interface StreamWorld {
  readonly bench: RecordsOf
  /** kubectl as the agent, in the namespace `prod`, still running. */
  start(...words: readonly string[]): ChildProcessWithoutNullStreams
  /** The same in a terminal of 100 by 30. */
  startInTerminal(...words: readonly string[]): ChildProcessWithoutNullStreams
}

/** The pods `web-1` and `web-2` run in `prod`; their network is this machine's loopback interface. */
export const STREAM_POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.get, k8s.list, k8s.watch], objects: [prod/**] }
  - id: streams
    allow: { actions: [k8s.pods.portforward, k8s.pods.attach], objects: [prod/pods/web-1] }
  - id: no-low-ports
    deny: { actions: [k8s.pods.portforward], text: ['(?m)^port: [0-9]{1,3}$'] }
  - id: no-orders
    deny: { actions: [k8s.pods.attach], text: ['^drop'] }
    message: This one takes no orders.
`

export function streamCases(start: () => Promise<StreamWorld>, skip: string | false): void {
  let world: StreamWorld
  let echo: Server
  const opened: Socket[] = []

  before(async () => {
    if (skip !== false) return
    world = await start()
    echo = createServer((socket) => {
      opened.push(socket)
      socket.on('data', (chunk: Buffer) => socket.write(chunk.toString('latin1').toUpperCase()))
    })
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
  })
  after(() => {
    for (const socket of opened) socket.destroy()
    echo?.close()
  })

  /** kubectl, once it forwards to `port`; where it listens. */
  async function forwarding(port: number) {
    const child = follow(world.start('port-forward', 'web-1', `:${port}`))
    await child.until(/Forwarding from 127\.0\.0\.1:\d+/)
    const local = Number(/127\.0\.0\.1:(\d+)/.exec(child.said())![1])
    return { ...child, local }
  }

  const echoPort = () => (echo.address() as AddressInfo).port

  test('port-forward moves bytes both ways, and its ports are recorded', { skip }, async () => {
    const child = await forwarding(echoPort())
    for (const size of [5, 300_000]) {
      const socket = connect(child.local, '127.0.0.1')
      socket.write('a'.repeat(size))
      let back = ''
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        back += chunk.toString('latin1')
        if (back.length === size) break
      }
      assert.equal(back, 'A'.repeat(size))
    }
    await child.stop()
    const lines = await recordsOf(world.bench, '/portforward')
    const kinds = lines.map((line) => /"kind":"(operation\.[a-z]+)"\}/.exec(line)?.[1])
    assert.deepEqual(kinds, [
      'operation.intent',
      'operation.terminal',
      'operation.terminal',
      'operation.outcome',
    ])
    assert.ok(lines[1]!.includes(`"stream":"m","text":"port: ${echoPort()}"`), lines[1])
  })

  test('a port that a rule refuses is not connected to', { skip }, async () => {
    const child = await forwarding(443)
    const socket = connect(child.local, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('x')
    await new Promise((resolve) => socket.once('close', resolve))
    await child.until(/lost connection|error/i)
    await child.stop()
    const lines = await recordsOf(world.bench, '/portforward')
    assert.ok(!lines.some((line) => line.includes('port: 443')), 'it was not opened')
    assert.match(lines.at(-1)!, /"result":"refused".*"error":"POLICY_DENIED"/)
  })

  test('a pod that no rule names is not forwarded to', { skip }, async () => {
    const child = follow(world.start('port-forward', 'web-2', `:${echoPort()}`))
    await child.ended
    assert.match(child.said(), /POLICY_NO_MATCH/)
    assert.match(child.said(), /no rule that allows k8s\.pods\.portforward/)
  })

  test(
    'what is attached to hears lines that pass the rules, and they are recorded',
    { skip },
    async () => {
      const child = follow(world.start('attach', '-i', 'web-1'))
      await child.until(/attached/)
      child.type('hello\n')
      await child.until(/heard hello/)
      child.type('drop it\n')
      await child.ended
      assert.doesNotMatch(child.said(), /heard drop/)
      const lines = await recordsOf(world.bench, '/attach')
      assert.ok(lines.some((line) => line.includes('"stream":"i","text":"hello\\n"')))
      assert.ok(lines.some((line) => line.includes('heard hello')))
      assert.match(lines.at(-1)!, /"result":"refused".*"error":"POLICY_DENIED"/)
    },
  )

  test(
    'a terminal that is attached is replayed with its sizes',
    { skip: skip || noTerminal },
    async () => {
      const child = follow(world.startInTerminal('attach', '-it', 'web-1'))
      await child.until(/\[100x30\]/)
      child.type('hi\r')
      await child.until(/heard hi/)
      child.type('bye\r')
      await child.ended
      const lines = await recordsOf(world.bench, '/attach')
      assert.ok(lines.some((line) => line.includes('"stream":"r","text":"100x30"')))
      const { header, events } = await castOf(world.bench, lines[0]!)
      assert.equal(header['version'], 3)
      assert.match(String(header['title']), /^GET .*\/attach/)
      const typed = events.filter(([, stream]) => stream === 'i').map(([, , text]) => text)
      assert.equal(typed.join(''), 'hi\rbye\r')
      const shown = events.filter(([, stream]) => stream === 'o').map(([, , text]) => text)
      assert.match(shown.join(''), /^attached\r\n.*heard hi\r\n/s)
    },
  )

  test('a session that is ended takes its forwarded ports with it', { skip }, async () => {
    const child = await forwarding(echoPort())
    const socket = connect(child.local, '127.0.0.1')
    socket.write('x')
    await once(socket, 'data')
    const { items } = (await world.bench.approver('sessions', 'list', '--live')) as Sessions
    for (const { id } of items) await world.bench.approver('sessions', 'end', id)
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('close', resolve))
    await child.until(/lost connection/)
    await child.stop()
    const lines = await recordsOf(world.bench, '/portforward')
    assert.match(lines.at(-1)!, /SESSION_REVOKED/)
  })
}

interface Sessions {
  readonly items: readonly { readonly id: string }[]
}
