import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCondition } from './condition.ts'
import type { Condition } from './condition.ts'
import { context, operation, principalOf, salesDb } from './testing/fixtures.ts'

function condition(source: string): Condition {
  const parsed = parseCondition(source)
  assert.ok(typeof parsed !== 'string', source)
  return parsed
}

const subject = {
  principal: principalOf({ labels: { team: 'data' }, groups: ['g'], roles: ['r'] }),
  resource: salesDb,
}
const update = operation(['sql.update sales.public.orders (state)'])

function holds(source: string, text = 'UPDATE orders'): boolean {
  return condition(source).holds(subject, update, { ...context, text })
}

describe('conditions', () => {
  it('see the agent, the resource, the operation, the session and the time', () => {
    const all = [
      'agent.name == "etl-1" && agent.owner == "ann" && agent.purpose == "load"',
      'agent.labels.team == "data" && "g" in agent.groups && "r" in agent.roles',
      'resource.name == "sales-db" && resource.type == "postgres"',
      'resource.labels["env"] == "prod"',
      'op.kind == "TEST" && "sql.update" in op.actions && op.statements == 1',
      'op.objects == ["sales.public.orders"] && op.hasWhere && !op.readOnly',
      'op.text.startsWith("UPDATE")',
      'session.id == "s" && session.clientAddress == "10.0.0.1"',
      'now - session.startedAt == duration("1s")',
    ]
    for (const source of all) assert.equal(holds(source), true, source)
  })

  it('throw where they fail', () => {
    assert.throws(() => holds('agent.labels.none == "x"'))
    assert.equal(holds('has(agent.labels.none)'), false)
  })

  it('say what is wrong with them', () => {
    const wrong = {
      'op.hasWhere &&': /./,
      'op.hasWere': /hasWere/,
      nobody: /nobody/,
      'op.statements': /must be true or false, not int/,
      'op.kind': /must be true or false, not string/,
      'op.statements == "x"': /overload/,
      'op.text.matches("(?=a)")': /RE2/,
      'op.text.matches(op.kind)': /written there/,
    }
    for (const [source, why] of Object.entries(wrong)) {
      const parsed = parseCondition(source)
      assert.ok(typeof parsed === 'string', source)
      assert.match(parsed, why)
    }
    assert.equal(typeof parseCondition(`[${'1,'.repeat(300)}1].size() > 0`), 'string')
  })
})

describe('matches()', () => {
  it('is RE2', () => {
    assert.equal(holds('op.text.matches("(?i)^update\\\\b")'), true)
    assert.equal(holds('op.objects.exists(o, o.matches("^sales")) && op.kind.matches("X")'), false)
    assert.equal(holds('(op.text).matches("a") || "é".matches("é") && op.kind.matches("T$")'), true)
  })

  it('cannot be made to run for ever', () => {
    assert.equal(holds('op.text.matches("^(a+)+$")', `${'a'.repeat(5000)}b`), false)
  })
})

describe('how long an answer keeps', () => {
  const cases: readonly (readonly [string, Condition['keeps']])[] = [
    ['op.hasWhere', 'shape'],
    ['op["kind"] == "text"', 'text'],
    ['agent.labels["text"] == "x"', 'shape'],
    ['op.text == "x"', 'text'],
    ['op["te" + "xt"] == "x"', 'text'],
    ['op["te\\x78t"] == "x"', 'text'],
    ['[op].exists(o, o["te" + "xt"] == "x")', 'text'],
    ['has(op.text)', 'text'],
    ['op.text.matches("a")', 'text'],
    ['now > session.startedAt', 'moment'],
    ['session.id == op.text', 'moment'],
    ['op.text == session.id', 'moment'],
  ]
  for (const [source, keeps] of cases) {
    it(`${source}: ${keeps}`, () => assert.equal(condition(source).keeps, keeps))
  }
})
