import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePolicies } from './document.ts'
import { indexRules } from './rule-index.ts'

const { policies } = parsePolicies([
  {
    file: 'p.yaml',
    text: `
name: p
subjects: { agents: [a] }
rules:
  - { id: text, deny: { text: [x] } }
  - { id: read, allow: { actions: [sql.select], objects: [db.s.*] } }
  - { id: column, allow: { actions: [sql.select], objects: [db.s.t.c] } }
  - { id: other, allow: { actions: [sql.select], objects: [db.other.*] } }
  - { id: drop, deny: { actions: [sql.ddl.*], objects: [db.s.t] } }
`,
  },
])
const index = indexRules(policies[0]!.rules)

function relevant(action: string, ...object: string[]): string[] {
  const accesses = [{ action, object, grant: 'required' as const }]
  return index.relevant(accesses).map(({ id }) => id)
}

test('rules that may speak of an access are found, in their order, and once more', () => {
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(relevant('sql.select', 'db', 's', 't'), ['text', 'read', 'column'])
    assert.deepEqual(relevant('sql.select', 'db', 's', 'u'), ['text', 'read'])
    assert.deepEqual(relevant('sql.ddl.drop', 'db', 's'), ['text', 'drop'])
    assert.deepEqual(relevant('sql.insert', 'db', 's', 't'), ['text'])
  }
})
