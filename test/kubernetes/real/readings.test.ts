import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { formatObject } from '../../../src/core/object.ts'
import { countFrom, createDice, seedFrom } from '../../support/dice.ts'
import type { Caller } from './caller.ts'
import { createCaller } from './caller.ts'
import type { Discovered } from './discovered.ts'
import { discover } from './discovered.ts'
import type { RequestLine } from './odd-requests.ts'
import { diced, plainRequests, thoughtOf } from './odd-requests.ts'
import { findKubePrograms } from './programs.ts'
import type { Read } from './readings.ts'
import { byTheGateway, byTheServer } from './readings.ts'
import type { ApiServer, AuditEvent } from './server.ts'
import { startApiServer } from './server.ts'

/**
 * Two readers of one request: the gateway, and Kubernetes' own API server, which tells in its audit
 * log what it took the request for. Wherever the gateway does not refuse, both say the same.
 *
 * KUBE_READINGS sets how many requests are diced, KUBE_READINGS_SEED which.
 */
const programs = findKubePrograms()
const skip = programs === undefined && 'kube-apiserver is not built: npm run test:kube-apiserver'
const COUNT = countFrom('KUBE_READINGS', 5_000)
const SEED = seedFrom('KUBE_READINGS_SEED')

const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget', plural: 'widgets' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object' } },
      },
    ],
  },
}

const JSON_BODY = { 'content-type': 'application/json' }

let server: ApiServer
let caller: Caller
let served: readonly Discovered[]

before(async () => {
  if (programs === undefined) return
  server = await startApiServer(programs)
  caller = createCaller(server)
  const body = Buffer.from(JSON.stringify(WIDGETS))
  await caller.call({
    method: 'POST',
    target: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    auditId: 'seed',
    token: server.adminToken,
    headers: JSON_BODY,
    body,
  })
  served = await discover(caller, WIDGETS.spec.group)
})
after(async () => {
  caller?.close()
  await server?.stop()
})

const WEBSOCKET = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }

const said = ({ action, object, path = '' }: Read) => `${action} ${formatObject(object)} (${path})`

/** Differences between the two readings; `understood` is what the gateway did not refuse. */
async function compared(requests: readonly RequestLine[], series: string) {
  const understood = requests.flatMap((request) => {
    const read = byTheGateway(request)
    return read === undefined ? [] : [{ request, read }]
  })
  const statuses = await Promise.all(
    understood.map(async ({ request: { method, target, upgrades } }, index) => {
      // Who may do nothing is read like everybody else, and breaks nothing.
      const { gatewayToken: token } = server
      const headers = upgrades ? WEBSOCKET : {}
      return caller.call({ method, target, auditId: `${series}-${index}`, token, headers })
    }),
  )
  const events = await eventsOf(understood.map((_, index) => `${series}-${index}`))
  const differences = understood.flatMap(({ request, read }, index) => {
    const event = events.get(`${series}-${index}`)
    const line = `${request.method} ${request.target}`
    if (event === undefined) return [`${line}: ${said(read)}, and no event (${statuses[index]})`]
    const other = said(byTheServer(event, served))
    return other === said(read) ? [] : [`${line}: ${said(read)}, and the server says ${other}`]
  })
  return { understood: understood.length, differences: [...new Set(differences)] }
}

const AUDIT_TRIES = 50

/** The log is written when an answer has ended, which may be after it was heard. */
async function eventsOf(ids: readonly string[]): Promise<ReadonlyMap<string, AuditEvent>> {
  for (let tries = 0; ; tries++) {
    const events = new Map((await server.audit()).map((event) => [event.auditID, event]))
    if (tries === AUDIT_TRIES || ids.every((id) => events.has(id))) return events
    await delay(100)
  }
}

describe(`readings by seed ${SEED}`, { skip }, () => {
  test('all that is served, by every method', async (context) => {
    const requests = plainRequests(served)
    const { understood, differences } = await compared(requests, 'plain')
    context.diagnostic(`${understood} of ${requests.length} are understood`)
    assert.deepEqual(differences, [])
    assert.ok(requests.length > 1000, 'less is served than a server of these days serves')
    assert.ok(understood > requests.length / 2, 'most of it is refused')
  })

  test('odd ones', async (context) => {
    const requests = thoughtOf()
    const { understood, differences } = await compared(requests, 'odd')
    context.diagnostic(`${understood} of ${requests.length} are understood`)
    assert.deepEqual(differences, [])
    assert.ok(understood > requests.length / 4, 'most of it is refused')
  })

  test('diced ones', async (context) => {
    const dice = createDice(SEED)
    const from = [...plainRequests(served), ...thoughtOf()]
    const requests = Array.from({ length: COUNT }, () => diced(from, dice))
    const { understood, differences } = await compared(requests, 'diced')
    context.diagnostic(`${understood} of ${requests.length} are understood`)
    assert.deepEqual(differences, [])
    assert.ok(understood > requests.length / 5, 'most of it is refused')
  })
})
