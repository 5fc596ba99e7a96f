import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Turn, TurnTaker } from '../../src/session/turns.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

const lines = new Map<string, (() => void)[]>()
/** Agents of this list stand in line until they are called. */
const waits = new Set<string>()

/** A line for each agent, called by hand. */
function open({ principal }: TurnTaker, take: () => void): Turn {
  const { name } = principal.agent
  return {
    begin() {
      if (!waits.has(name)) return true
      lines.set(name, [...(lines.get(name) ?? []), take])
      return false
    },
    isOver: () => false,
    end() {},
    inLine: false,
  }
}

let bench: HttpBench
before(async () => {
  bench = await openHttpBench({ host: { turns: { open } } })
})
after(() => bench.stop())

function call(agent: string): void {
  waits.delete(agent)
  for (const take of lines.get(agent) ?? []) take()
  lines.delete(agent)
}

/** Whether a request that came whole has been read is seen by the target. */
const seen = (path: string) => bench.target.seen.filter(({ url }) => url.endsWith(path)).length

test('a request stands in line with its agent, and others do not', async () => {
  waits.add('etl')
  const [waiting, passing] = [await openRawHttp(bench), await openRawHttp(bench)]
  waiting.say(request('GET /allow/echo?waits'))
  passing.say(request('GET /allow/echo?passes').replace('Bearer etl', 'Bearer other'))
  await passing.until('sha256')
  await until('it stands in line', () => lines.get('etl'))
  assert.equal(seen('waits'), 0)
  call('etl')
  await waiting.until('sha256')
  assert.equal(seen('waits'), 1)
  waiting.destroy()
  passing.destroy()
})

test('what a whole body says is read in its turn', async () => {
  const client = await openRawHttp(bench)
  client.say(request('PUT /body/allow', 'content-length: 5', 'expect: 100-continue'))
  await client.until('100 Continue')
  waits.add('etl')
  client.say('hello')
  await until('it stands in line', () => lines.get('etl'))
  assert.equal(seen('/body/allow'), 0)
  call('etl')
  await client.until('sha256')
  assert.equal(seen('/body/allow'), 1)
  client.destroy()
})

test('a client that leaves in line is not answered, and nothing of it is done', async () => {
  waits.add('etl')
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/echo?left'))
  await until('it stands in line', () => lines.get('etl'))
  const before = bench.held
  client.destroy()
  await client.untilClosed()
  call('etl')
  assert.equal(seen('left'), 0)
  assert.equal(bench.held, before)
})
