import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { formatObject } from '../../../src/core/object.ts'
import { countFrom, createDice, seedFrom } from '../../support/dice.ts'
import type { Call, Caller } from './caller.ts'
import { createCaller } from './caller.ts'
import type { Discovered } from './discovered.ts'
import { discover } from './discovered.ts'
import type { Carried } from './odd-bodies.ts'
import { carriedRequests } from './odd-bodies.ts'
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

const inWords = ({ action, object, path = '' }: Read) =>
  `${action} ${formatObject(object)} (${path})`

/** A request in both readings: what the gateway says of it, and what is sent to the server. */
interface Twice {
  readonly said: string
  readonly read: Read | undefined
  readonly call: Omit<Call, 'auditId'>
}

/** Who may do nothing is read like everybody else, and breaks nothing. */
function bare(request: RequestLine): Twice {
  const { method, target, upgrades } = request
  const headers = upgrades ? WEBSOCKET : {}
  const call = { method, target, token: server.gatewayToken, headers }
  return { said: `${method} ${target}`, read: byTheGateway(request), call }
}

/** Bodies are read for those alone who may create something. */
function withBody({ target, type, body }: Carried): Twice {
  const method = 'POST'
  const read = byTheGateway({ method, target, upgrades: false }, [['content-type', type]], body)
  const call = { method, target, token: server.adminToken, headers: { 'content-type': type }, body }
  return { said: `${method} ${target} ${type} ${JSON.stringify(body.toString())}`, read, call }
}

/** Differences between the two readings; `understood` is what neither refuses to read. */
async function compared(requests: readonly Twice[], series: string) {
  const understood = requests.filter(({ read }) => read !== undefined)
  const idOf = (index: number) => `${series}-${index}`
  const statuses = await Promise.all(
    understood.map(({ call }, index) => caller.call({ ...call, auditId: idOf(index) })),
  )
  const events = await eventsOf(understood.map((_, index) => idOf(index)))
  const differences = understood.flatMap(({ said, read, call }, index) => {
    const event = events.get(idOf(index))
    const ours = inWords(read!)
    if (event === undefined) return [`${said}: ${ours}, and no event (${statuses[index]})`]
    if (isUnread(call, statuses[index]!)) return []
    const theirs = inWords(byTheServer(event, served))
    return ours === theirs ? [] : [`${said}: ${ours}, and the server says ${theirs}`]
  })
  const unread = understood.filter(({ call }, index) => isUnread(call, statuses[index]!)).length
  return { understood: understood.length - unread, differences: [...new Set(differences)] }
}

/** The server took the body for no object of this kind, or not its content type: the log has no name. */
function isUnread({ body }: Twice['call'], status: number): boolean {
  return body !== undefined && (status === 400 || status === 415)
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
    const { understood, differences } = await compared(requests.map(bare), 'plain')
    context.diagnostic(`${understood} of ${requests.length} are understood`)
    assert.deepEqual(differences, [])
    assert.ok(requests.length > 1000, 'less is served than a server of these days serves')
    assert.ok(understood > requests.length / 2, 'most of it is refused')
  })

  test('odd ones', async (context) => {
    const requests = thoughtOf()
    const { understood, differences } = await compared(requests.map(bare), 'odd')
    context.diagnostic(`${understood} of ${requests.length} are understood`)
    assert.deepEqual(differences, [])
    assert.ok(understood > requests.length / 4, 'most of it is refused')
  })

  test('diced ones', async (context) => {
    const dice = createDice(SEED)
    const from = [...plainRequests(served), ...thoughtOf()]
    const requests = Array.from({ length: COUNT }, () => diced(from, dice))
    const { understood, differences } = await compared(requests.map(bare), 'diced')
    context.diagnostic(`${understood} of ${requests.length} are understood`)
    assert.deepEqual(differences, [])
    assert.ok(understood > requests.length / 5, 'most of it is refused')
  })

  test('what is created is named by its body', async (context) => {
    const requests = carriedRequests()
    const { understood, differences } = await compared(requests.map(withBody), 'carried')
    context.diagnostic(`${understood} of ${requests.length} are understood`)
    assert.deepEqual(differences, [])
    assert.ok(understood > requests.length / 3, 'most of it is refused')
  })
})
