import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { context, operation, principalOf, salesDb } from '../../test/support/policy/fixtures.ts'
import type { Condition } from './condition.ts'
import { parseCondition } from './condition.ts'

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

describe('loops', () => {
  const deep = (levels: number) => {
    const names = Array.from({ length: levels }, (_, at) => `v${at}`)
    return names.reduceRight((inner, name) => `op.objects.all(${name}, ${inner})`, 'op.hasWhere')
  }

  it('may stand in one another two deep', () => {
    assert.equal(holds(deep(2)), true)
    const parsed = parseCondition(deep(3))
    assert.ok(typeof parsed === 'string')
    assert.match(parsed, /^all\(\) at character 39 stands too deep/)
    for (const loop of ['exists(c, true)', 'exists_one(c, true)', 'filter(c, true).size() > 0']) {
      const source = `op.objects.all(a, op.objects.exists(b, (op.objects.${loop})))`
      assert.equal(typeof parseCondition(source), 'string', loop)
    }
    const mapped = 'op.objects.map(a, op.objects.map(b, op.objects.map(c, b != a, c))).size() > 0'
    assert.equal(typeof parseCondition(mapped), 'string')
  })

  it('that follow one another are not deep', () => {
    assert.equal(holds('op.objects.filter(a, true).map(b, b + "x").all(c, c != "")'), true)
    assert.equal(holds(`${deep(2)} && ${deep(2)}`), true)
  })

  it('fail over lists that are too long, where these are read', () => {
    const many = operation(Array.from({ length: 1001 }, (_, at) => `sql.select s.t${at}`))
    const ask = (source: string, asked = many) => condition(source).holds(subject, asked, context)
    for (const source of ['"x" in op.objects', 'op["actions"].size() > 0', '[op].size() > 0']) {
      assert.throws(() => ask(source), { code: 'POLICY_CONDITION_ERROR' }, source)
    }
    assert.equal(ask('op.hasWhere && "r" in agent.roles'), true)
    const fewer = { ...many, accesses: many.accesses.slice(1) }
    assert.equal(ask('op.objects.exists(o, o == "s.t7")', fewer), true)
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
