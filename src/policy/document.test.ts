import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyText } from '../../test/support/policy/fixtures.ts'
import { InvalidDocument } from '../document/problems.ts'
import { parsePolicies } from './document.ts'

function problemsOf(...texts: readonly string[]) {
  try {
    parsePolicies(texts.map((text, index) => ({ file: `${index}.yaml`, text })))
  } catch (error) {
    assert.ok(error instanceof InvalidDocument)
    assert.equal(error.code, 'POLICY_INVALID')
    return error.problems
  }
  return []
}

/** `line:column field: message` of every problem of one rule, which stands in line 4 from column 5. */
function wrongRule(rule: string): readonly string[] {
  return problemsOf(policyText([rule])).map(
    ({ place, message }) => `${place.line}:${place.column} ${place.field}: ${message}`,
  )
}

describe('rules that are wrong', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{ id: a }', '4:5 rules[0]: must have exactly one of allow, hold and deny'],
    [
      '{ id: a, allow: { actions: [x] }, deny: { actions: [y] } }',
      '4:5 rules[0]: must have exactly one of allow, hold and deny',
    ],
    [
      '{ id: A, deny: { actions: [x] } }',
      '4:11 rules[0].id: must be 1 to 63 of a-z, 0-9, ".", "_", "-"',
    ],
    ['{ id: a, allow: { objects: [x] } }', '4:21 rules[0].allow: must name actions'],
    ['{ id: a, allow: { actions: [x], text: [y] } }', '4:21 rules[0].allow: text cannot allow'],
    ['{ id: a, deny: {} }', '4:20 rules[0].deny: must name actions, objects or text'],
    [
      '{ id: a, deny: { objects: [x, a..b] } }',
      '4:35 rules[0].deny.objects[1]: is no object pattern: a segment is empty',
    ],
    [
      '{ id: a, deny: { text: ["(?=x)"] } }',
      '4:29 rules[0].deny.text[0]: is no RE2 regular expression: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      '{ id: a, deny: { text: ["("] } }',
      '4:29 rules[0].deny.text[0]: is no RE2 regular expression: error parsing regexp: missing closing ): `(`',
    ],
    [
      '{ id: a, deny: { actions: [x] }, when: op.kind }',
      '4:44 rules[0].when: is no condition: must be true or false, not string',
    ],
    [
      '{ id: a, deny: { actions: [x] }, maxRows: 5 }',
      '4:47 rules[0].maxRows: has no meaning for what is denied',
    ],
    [
      '{ id: a, allow: { actions: [x] }, maxRows: 0 }',
      '4:48 rules[0].maxRows: Too small: expected number to be >=1',
    ],
    ['{ id: a, allow: { actions: [x] }, expires: 5m }', '4:48 rules[0].expires: is for hold rules'],
    [
      '{ id: a, hold: { actions: [x] } }',
      '4:20 rules[0].hold: must name approvers: groups or people',
    ],
    [
      '{ id: a, allow: { actions: [x] }, maxSession: 5 }',
      '4:51 rules[0].maxSession: must be a duration such as 500ms, 30s, 15m, 8h or 1h30m',
    ],
    [
      '{ id: a, alow: { actions: [x] }, deny: { actions: [x] } }',
      '4:14 rules[0].alow: unknown key `alow`',
    ],
    [
      '{ id: a, allow: { actions: [x] }, mask: [{ columns: [a], with: blur }] }',
      '4:68 rules[0].mask[0].with: must be one of redact, partial, email, hash, null, number, date, null or a map of keys',
    ],
    [
      '{ id: a, allow: { actions: [x] }, mask: [{ detect: [ssn] }] }',
      '4:57 rules[0].mask[0].detect[0]: must be one of payment-card, iban, us-ssn, email, phone, ip-address, jwt, azure-key, azure-connection-string, private-key',
    ],
  ]
  const people = (list: string) => `{ id: a, hold: { actions: [x] }, approvers: { ${list} } }`
  const more: readonly (readonly [string, string])[] = [
    [
      people('people: [ann], count: 3'),
      '4:73 rules[0].approvers.count: can never be met: 3 must agree, and 1 may',
    ],
    [
      people('people: [ann, bob, ANN], count: 3'),
      '4:83 rules[0].approvers.count: can never be met: 3 must agree, and 2 may',
    ],
    [
      '{ id: a, allow: { actions: [x] }, onMaxRows: notice }',
      '4:50 rules[0].onMaxRows: has no meaning without maxRows',
    ],
  ]
  it('approvers that may be enough are not wrong', () => {
    const fine = ['people: [ann, bob], count: 2', 'people: [ann], groups: [g], count: 3']
    for (const list of fine) assert.deepEqual(wrongRule(people(list)), [], list)
  })
  for (const [rule, problem] of [...cases, ...more]) {
    it(rule, () => assert.deepEqual(wrongRule(rule), [problem]))
  }

  it('in a second rule of the same id', () => {
    const rule = '{ id: a, allow: { actions: [x] } }'
    const [problem] = problemsOf(policyText([rule, rule]))
    assert.deepEqual(problem, {
      message: 'is the id of an earlier rule',
      place: { file: '0.yaml', line: 5, column: 11, field: 'rules[1].id' },
    })
  })
})

describe('documents that are wrong', () => {
  const rules = 'rules: [{ id: a, allow: { actions: [x] } }]\n'
  it('tell all problems of all files', () => {
    const found = problemsOf(
      `name: a\nsubjects: {}\n${rules}`,
      `name: b\nsubjects: { agents: [x] }\nresources: { types: [oracle] }\n${rules}`,
      `name: [\n`,
      `name: c\n`,
    )
    assert.deepEqual(
      found.map(({ place }) => `${place.file}:${place.line}:${place.column} ${place.field ?? ''}`),
      [
        '0.yaml:2:11 subjects',
        '1.yaml:3:22 resources.types[0]',
        '2.yaml:2:1 ',
        '3.yaml:1:1 subjects',
        '3.yaml:1:1 rules',
      ],
    )
  })

  it('are several in one file', () => {
    const one = `name: a\nsubjects: { agents: [x] }\n${rules}`
    assert.deepEqual(problemsOf(`${one}---\n${one.replace('name: a', 'name: b')}`), [
      {
        message: 'a second document begins here, and a file holds one',
        hint: 'Put what follows in a file of its own.',
        place: { file: '0.yaml', line: 4, column: 1 },
      },
    ])
    assert.deepEqual(problemsOf(`---\n${one}...\n`), [])
  })

  it('share no name', () => {
    const text = `name: a\nsubjects: { agents: [x] }\n${rules}`
    const [problem, ...more] = problemsOf(text, text)
    assert.equal(more.length, 0)
    assert.equal(problem?.message, '"a" is the name of the policy in 0.yaml too')
    assert.equal(problem?.place.file, '1.yaml')
  })
})

describe('documents', () => {
  const text = policyText(['{ id: a, allow: { actions: [x] } }'])
  it('have a version that follows names and bytes, not folders nor order', () => {
    const version = (...files: readonly (readonly [string, string])[]) =>
      parsePolicies(files.map(([file, text]) => ({ file, text }))).version
    const other = text.replace('name: p', 'name: q')
    assert.equal(version(['a.yaml', text]), version(['x/a.yaml', text]))
    assert.notEqual(version(['a.yaml', text]), version(['b.yaml', text]))
    assert.notEqual(version(['a.yaml', text]), version(['a.yaml', `${text}\n`]))
    assert.equal(
      version(['a.yaml', text], ['b.yaml', other]),
      version(['b.yaml', other], ['a.yaml', text]),
    )
  })

  it('have defaults', () => {
    const { policies } = parsePolicies([
      {
        file: 'p',
        text: policyText(['{ id: h, hold: { actions: [x] }, approvers: { people: [o] } }']),
      },
    ])
    assert.deepEqual(policies[0]?.rules[0]?.approval, {
      approvers: { groups: [], people: ['o'] },
      count: 1,
      expires_ms: 900_000,
      reasonRequired: false,
    })
    assert.deepEqual(policies[0]?.rules[0]?.obligations, { masks: [], onMaxRows: 'error' })
  })
  it('may call columns fields', () => {
    const rule =
      "{ id: a, allow: { actions: [x] }, mask: [{ fields: ['*/secrets/*/data'], with: null }] }"
    const { policies } = parsePolicies([{ file: 'p', text: policyText([rule]) }])
    const [mask] = policies[0]?.rules[0]?.obligations.masks ?? []
    assert.ok(mask?.type === 'columns')
    assert.deepEqual(mask.with, { name: 'null' })
    assert.equal(mask.predicates, 'allow')
    assert.equal(mask.covers(['prod', 'secrets', 'db', 'data', 'password']), true)
    assert.equal(mask.covers(['prod', 'secrets', 'db', 'metadata', 'name']), false)
  })
})
