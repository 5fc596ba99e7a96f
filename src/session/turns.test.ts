import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setImmediate as nextPass } from 'node:timers/promises'
import type { TurnTaker } from './turns.ts'
import { createTurns, inTurn } from './turns.ts'

/** The loop of a gateway: its time goes by as agents work, and while it waits. */
function openLoop(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now_ms = 0
  const told: [string, number][] = []
  const turns = createTurns({ steady_ms: () => now_ms }, (whose, took_ms) =>
    told.push([whose.principal.agent.name, took_ms]),
  )
  /** Who worked, and how long in all. */
  const order: string[] = []
  const worked = new Map<string, number>()

  function work(agent: string, ms: number): void {
    now_ms += ms
    order.push(agent)
    worked.set(agent, (worked.get(agent) ?? 0) + ms)
  }

  return {
    turns,
    told,
    order,
    worked,
    work,
    now: () => now_ms,
    /** A session with work of pieces of `piece_ms`; returns how more of it comes. */
    session: (agent: string, piece_ms: number): ((pieces: number) => void) => {
      let left = 0
      const turn = turns.open(takerOf(agent), take)
      function take(): void {
        if (!turn.begin()) return
        let over = false
        while (!over && left > 0) {
          left--
          work(agent, piece_ms)
          over = turn.isOver()
        }
        turn.end(over)
      }
      return (pieces) => {
        left += pieces
        take()
      }
    },
    passes: async (count: number) => {
      for (let pass = 0; pass < count; pass++) await nextPass()
    },
    wait: (ms: number) => {
      now_ms += ms
      t.mock.timers.tick(ms)
    },
  }
}

function takerOf(agent: string): TurnTaker {
  return {
    id: `session of ${agent}`,
    resource: { name: 'r', type: 'postgres', labels: {} },
    principal: {
      agent: {
        name: agent,
        tenant: 't',
        objectId: agent,
        owner: 'o',
        purpose: 'p',
        labels: {},
        disabled: false,
      },
      groups: [],
      roles: [],
      via: 'token',
      tokenId: 'id',
      tokenExpiresAt_ms: 1e12,
    },
  }
}

test('an agent has one turn in a pass of the loop, over all its sessions', async (t) => {
  const { session, order, passes, told } = openLoop(t)
  for (let n = 0; n < 5; n++) session('a', 2)(1)
  session('b', 2)(1)
  assert.deepEqual(order, ['a', 'a', 'a', 'b'], 'what is left of a stands in line')
  assert.deepEqual(told, [['a', 6]])
  await passes(2)
  assert.deepEqual(order, ['a', 'a', 'a', 'b', 'a', 'a'], 'and comes in one turn')
})

test('what is used in many passes is no turn', async (t) => {
  const { session, order, passes } = openLoop(t)
  const one = session('a', 0.9)
  const other = session('a', 2)
  for (let n = 0; n < 20; n++) {
    one(1)
    other(1)
    await passes(1)
  }
  assert.equal(order.length, 40, 'nothing of it stood in line')
})

for (const [sessions, piece_ms] of [
  [1, 50],
  [20, 50],
  [20, 4.9],
  [3, 17],
] as const) {
  test(`others get half of the loop, whatever ${sessions} sessions with pieces of ${piece_ms} ms want`, async (t) => {
    const { session, worked, now, passes } = openLoop(t)
    for (let n = 0; n < sessions; n++) session('greedy', piece_ms)(10_000)
    session('usual', 1)(10_000)
    while (now() < 1_000) await passes(1)
    const share = (worked.get('usual') ?? 0) / now()
    assert.ok(share > 0.45, `${share}`)
  })
}

test('who is alone is called in every pass', async (t) => {
  const { session, order, passes } = openLoop(t)
  session('a', 20)(10)
  await passes(10)
  assert.equal(order.length, 10)
})

test('after a long turn an agent waits as long as it took, and nobody else does', async (t) => {
  const { session, order, passes, wait } = openLoop(t)
  const other = session('a', 1)
  session('a', 600)(2)
  other(1)
  session('b', 1)(1)
  await passes(5)
  wait(598)
  await passes(5)
  assert.deepEqual(order, ['a', 'b'])
  wait(2)
  await passes(1)
  assert.deepEqual(order, ['a', 'b', 'a'], 'the same session, which stood in line first')
})

test('an agent that waits does not keep another from being called', async (t) => {
  const { session, order, passes } = openLoop(t)
  session('a', 600)(2)
  session('b', 6)(3)
  await passes(4)
  assert.deepEqual(order, ['a', 'b', 'b', 'b'])
})

test('work that is done in one piece stands in line with all else of its agent', async (t) => {
  const { turns, session, work, order, passes, wait } = openLoop(t)
  const never = () => assert.fail()
  const request = (agent: string) =>
    inTurn(turns, takerOf(agent), () => work(`${agent} by HTTP`, 100), never)
  session('a', 1)(2)
  request('a')
  request('a')
  session('a', 1)(1)
  assert.deepEqual(order, ['a', 'a', 'a by HTTP'])
  wait(102)
  await passes(1)
  assert.deepEqual(order.slice(3), ['a by HTTP'])
  wait(100)
  await passes(1)
  assert.deepEqual(order.slice(4), ['a'])
})

test('work inside work counts once', async (t) => {
  const { turns, work, told } = openLoop(t)
  const never = () => assert.fail()
  inTurn(
    turns,
    takerOf('a'),
    () => {
      work('a', 2)
      inTurn(turns, takerOf('a'), () => work('a', 2), never)
      work('a', 2)
    },
    never,
  )
  assert.deepEqual(told, [['a', 6]])
})

test('work that fails is told of, and the turn is over all the same', async (t) => {
  const { turns, work, told, passes, order } = openLoop(t)
  const failures: unknown[] = []
  const fail = () => {
    work('a', 6)
    throw new Error('no')
  }
  for (let n = 0; n < 3; n++) inTurn(turns, takerOf('a'), fail, (error) => failures.push(error))
  assert.deepEqual([order.length, told.length, failures.length], [1, 1, 1])
  await passes(3)
  assert.deepEqual([order.length, told.length, failures.length], [3, 3, 3])
})
