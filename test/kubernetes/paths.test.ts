import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestHead } from '../../src/protocol/http/head.ts'
import { readKubernetes } from '../../src/protocol/kubernetes/request/request.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'

const KEYS = { hashKey: new Uint8Array(32) }

/**
 * Random requests are read twice: by the gateway, and by a second reading of the rules that the API
 * server documents, written apart from the first and step by step as the server goes.
 */

const WORDS = ['api', 'apis', 'v1', 'apps', 'namespaces', 'prod', 'pods', 'web', 'log', 'status']
const MORE = ['finalize', 'watch', 'proxy', 'exec', 'scale', 'secrets', 'deployments', 'nodes', '*']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT']
const QUERIES = [
  '',
  'watch=true',
  'watch=1',
  'watch=false',
  'watch=',
  'dryRun=All',
  'limit=5',
  'x=y',
]

interface ServerReading {
  readonly verb: string
  readonly namespace: string
  readonly resource: string
  readonly name: string
  readonly subresource: string
}

/** Undefined for what is no resource. */
function asTheServer(head: RequestHead): ServerReading | undefined {
  const rest = [...head.segments]
  if (rest.length < 3) return undefined
  const prefix = rest.shift()!
  if (prefix !== 'api' && prefix !== 'apis') return undefined
  let group = ''
  if (prefix === 'apis') {
    if (rest.length < 3) return undefined
    group = rest.shift()!
  }
  rest.shift()
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length > 1) {
    // Of a namespace itself the server says that it is in itself; policies say that it is in none.
    if (rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
      namespace = rest[1]!
      rest.splice(0, 2)
    }
  }
  const [resource = '', name = '', subresource = ''] = rest
  const full = group === '' ? resource : `${resource}.${group}`
  return { verb: verbOf(head, name), namespace, resource: full, name, subresource }
}

function verbOf({ method, query }: RequestHead, name: string): string {
  const watches = /watch=(true|1|)($|&)/.test(query)
  if (method === 'GET' || method === 'HEAD') {
    if (name !== '') return 'get'
    return watches ? 'watch' : 'list'
  }
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete'
  return { POST: 'create', PUT: 'update', PATCH: 'patch' }[method] ?? ''
}

function randomHead(dice: Dice): RequestHead {
  const start = dice.pick([['api', 'v1'], ['apis', 'apps', 'v1'], ['apis'], []])
  const more = Array.from({ length: dice.between(0, 7) }, () => dice.pick([...WORDS, ...MORE]))
  const segments = [...start, ...more]
  const query = dice.pick(QUERIES)
  return {
    method: dice.pick(METHODS),
    path: `/${segments.join('/')}`,
    segments,
    query,
    parameters: [...new URLSearchParams(query)],
    headers: [],
    authority: 'gw',
    prefix: '',
    bodyLength: 0,
    ...(dice.between(0, 4) === 0 ? { upgrade: 'websocket' } : {}),
  }
}

test('a path is one operation, the one that the API server sees, or is refused', () => {
  const seed = seedFrom('CHAPERONE_FUZZ_SEED')
  const dice = createDice(seed)
  let understood = 0
  for (let turn = 0; turn < countFrom('CHAPERONE_FUZZ_PATHS', 20_000); turn++) {
    const head = randomHead(dice)
    const said = `seed ${seed}: ${head.method} ${head.path}?${head.query}`
    const reading = readKubernetes(head, undefined, { agent: 'a', sessionId: 's' }, KEYS)
    if (reading.type === 'refused') continue
    assert.equal(reading.type, 'request', said)
    if (reading.type !== 'request') continue
    understood++
    const [access] = reading.request.operation.accesses
    const { action, object } = access!
    const server = asTheServer(head)
    if (server === undefined) {
      assert.match(action, /^k8s\.nonresource\./, said)
      continue
    }
    const { verb, namespace, resource, name, subresource } = server
    assert.equal(object[1], resource, said)
    assert.equal(object[2], name === '' ? undefined : name, said)
    if (namespace !== '') assert.equal(object[0], namespace, said)
    else assert.ok(object[0] === '_cluster' || object[0] === '*', said)
    if (subresource === '') assert.equal(action, `k8s.${verb}`, said)
    else if (action !== 'k8s.get') assert.ok(action.endsWith(`.${subresource}`), said)
    else assert.match(`${verb} ${subresource}`, /^get (status|scale)$/, said)
  }
  assert.ok(understood > 1000, 'most of it is refused')
})
