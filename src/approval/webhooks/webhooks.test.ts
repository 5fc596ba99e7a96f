import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingHttpHeaders, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import type { ApprovalView } from '../view.ts'
import type { WebhookReceiver } from './webhooks.ts'
import { createWebhooks } from './webhooks.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

const APPROVAL: ApprovalView = {
  id: '0193-a',
  state: 'pending',
  requestedAt_ms: 0,
  expiresAt_ms: 60_000,
  answers: [
    {
      tenant: 't1',
      objectId: 'o1',
      name: 'Anna',
      at_ms: 5,
      answer: 'approve',
      reason: 'REASON-TEXT',
      speaksFor: [0],
      interested: false,
    },
  ],
  asked: '1 of group dba',
  progress: [],
  hiddenCharacters: false,
  request: {
    operationId: 'op',
    sessionId: 's',
    agent: { name: 'etl-1', tenant: 't1', objectId: 'a1', owner: 'olga', purpose: 'load' },
    resource: { name: 'sales-db', type: 'postgres', labels: {} },
    kind: 'UPDATE',
    fingerprint: 'f',
    accesses: [{ action: 'sql.update', object: 'sales.public.orders' }],
    facts: { statements: 1, readOnly: false, hasWhere: true },
    text: 'UPDATE orders SET note = STATEMENT-TEXT',
    parameters: ['PARAMETER-VALUE'],
    digest: 'ab',
    policyVersion: 'v1',
    reasons: [{ policy: 'p', rule: 'r', effect: 'hold' }],
    terms: [],
  },
}

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers with the statuses in order, the last one for ever; `silent` never answers. */
async function receiver(context: TestContext, ...statuses: (number | 'silent')[]) {
  const received: Received[] = []
  const server: Server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const status = statuses[Math.min(received.length, statuses.length - 1)] ?? 204
      received.push({ headers: request.headers, body })
      server.emit('received')
      if (status !== 'silent') response.writeHead(status, { location: '/elsewhere' }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    received,
    url: `http://127.0.0.1:${port}/hook`,
    until: async (count: number) => {
      while (received.length < count) await once(server, 'received')
    },
  }
}

function webhooks(facts: Partial<WebhookReceiver>, retry_ms: number[] = [], timeout_ms = 5_000) {
  const counts: string[] = []
  const hooks = createWebhooks({
    receivers: [{ url: 'http://127.0.0.1:9/', secret: SECRET, includeText: false, ...facts }],
    link: 'https://chaperone.example/approvals/',
    clock: systemClock,
    log: silentLog,
    count: (result) => counts.push(result),
    retry_ms,
    timeout_ms,
  })
  return { hooks, counts }
}

test('a request goes out signed, without text, parameters or reasons', async (context) => {
  const { url, received, until } = await receiver(context, 204)
  const { hooks, counts } = webhooks({ url })
  hooks.requested(APPROVAL)
  await until(1)
  hooks.settled({ ...APPROVAL, state: 'approved', settledAt_ms: 9 })
  await until(2)
  await hooks.close()
  assert.deepEqual(counts, ['delivered', 'delivered'])
  const verifier = new Webhook(SECRET)
  const [requested, settled] = received.map(
    ({ body, headers }) =>
      verifier.verify(body, headers as Record<string, string>) as {
        type: string
        data: Record<string, unknown>
      },
  )
  assert.equal(requested?.type, 'approval.requested')
  assert.equal(requested.data['link'], 'https://chaperone.example/approvals/0193-a')
  assert.equal(settled?.type, 'approval.settled')
  assert.equal(settled.data['state'], 'approved')
  for (const { body } of received) {
    assert.doesNotMatch(body, /STATEMENT-TEXT|PARAMETER-VALUE|REASON-TEXT/)
  }
  assert.notEqual(received[0]?.headers['webhook-id'], received[1]?.headers['webhook-id'])
  const forged = received[0]!.body.replace('etl-1', 'etl-2')
  assert.throws(() => verifier.verify(forged, received[0]!.headers as Record<string, string>))
})

test('the text goes out where it was asked for, parameters never', async (context) => {
  const { url, received, until } = await receiver(context, 200)
  const { hooks } = webhooks({ url, includeText: true })
  hooks.requested(APPROVAL)
  await until(1)
  await hooks.close()
  assert.match(received[0]!.body, /STATEMENT-TEXT/)
  assert.doesNotMatch(received[0]!.body, /PARAMETER-VALUE/)
})

test('a failed delivery is tried again with the same id, and then given up', async (context) => {
  const healing = await receiver(context, 500, 429, 200)
  const first = webhooks({ url: healing.url }, [1, 1, 1])
  first.hooks.requested(APPROVAL)
  await healing.until(3)
  await first.hooks.close()
  assert.deepEqual(first.counts, ['delivered'])
  assert.equal(new Set(healing.received.map(({ headers }) => headers['webhook-id'])).size, 1)
  const broken = await receiver(context, 500)
  const second = webhooks({ url: broken.url }, [1])
  second.hooks.requested(APPROVAL)
  await broken.until(2)
  await second.hooks.close()
  assert.deepEqual(second.counts, ['failed'])
  assert.equal(broken.received.length, 2)
})

test('redirects are not followed, and a receiver that is gone is left alone', async (context) => {
  for (const status of [302, 307, 410]) {
    const { url, received, until } = await receiver(context, status, 200)
    const { hooks, counts } = webhooks({ url }, status === 410 ? [1, 1] : [])
    hooks.requested(APPROVAL)
    await until(1)
    await hooks.close()
    assert.deepEqual(counts, ['failed'], String(status))
    assert.equal(received.length, 1)
  }
})

test('a receiver that never answers is cut off', async (context) => {
  const { url, until } = await receiver(context, 'silent')
  const { hooks, counts } = webhooks({ url }, [], 50)
  hooks.requested(APPROVAL)
  await until(1)
  await hooks.close()
  assert.deepEqual(counts, ['failed'])
})

test('deliveries beyond the bound are dropped and counted, the others end', async (context) => {
  const { url } = await receiver(context, 'silent')
  const { hooks, counts } = webhooks({ url }, [60_000], 20)
  for (let sent = 0; sent < 201; sent += 1) hooks.requested(APPROVAL)
  assert.deepEqual(counts, ['dropped'])
})

test('after the close nothing is sent', async () => {
  const { hooks, counts } = webhooks({})
  await hooks.close()
  hooks.requested(APPROVAL)
  assert.deepEqual(counts, ['dropped'])
})

test('a secret that is no key is refused, and not repeated', () => {
  for (const secret of ['', 'whsec_', 'hunter2', `whsec_${'A'.repeat(20)}`, 'not base64 at all!']) {
    assert.throws(
      () => webhooks({ secret }),
      (error: Error & { code?: string }) =>
        error.code === 'CONFIG_INVALID' && (secret === '' || !error.message.includes(secret)),
    )
  }
})
