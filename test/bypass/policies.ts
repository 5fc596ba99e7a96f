import type { PolicyName } from './case.ts'

/** Which of the bench's agents is under which policy. */
export const AGENT_OF: Readonly<Record<PolicyName, string>> = {
  reader: 'etl-1',
  strict: 'etl-2',
  writer: 'reporter',
}

const COLUMNS = [
  'customers.email',
  'people.email',
  'people_1.email',
  'parent.email',
  'child.email',
  'heirs.email',
  'estate_1.email',
  'younger.email',
  'generated.email',
  'by_mail.email',
  'added.email',
  'm_copy.e',
  'Odd Names.E mail',
]
  .map((column) => `'sales.public.${column}'`)
  .join(', ')

const masks = (predicates: 'allow' | 'deny') => `
    mask:
      - { columns: [${COLUMNS}], with: redact, predicates: ${predicates} }
      - columns: [sales.public.customers.card]
        with: { name: partial, keepEnd: 4 }
        predicates: ${predicates}
`

export const POLICIES: Readonly<Record<string, string>> = {
  'reader.yaml': `
name: reader
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
${masks('allow')}
  - id: call
    allow: { actions: [sql.execute], objects: [sales.public.*] }
${masks('allow')}
  - id: hear
    allow: { actions: [sql.listen], objects: [sales.channel.heard] }
${masks('allow')}
`,
  'strict.yaml': `
name: strict
subjects: { agents: [etl-2] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
${masks('deny')}
`,
  'writer.yaml': `
name: writer
subjects: { agents: [reporter] }
rules:
  - id: read
    allow: { actions: [sql.select, sql.execute], objects: [sales.public.*] }
${masks('allow')}
  - id: write
    allow:
      actions: [sql.insert, sql.update, sql.delete, sql.merge, sql.truncate, sql.sequence, sql.ddl.drop, sql.ddl.create, sql.ddl.alter, sql.ddl.reference]
      objects: [sales.public.*]
  - id: temporary
    allow: { actions: [sql.insert, sql.select, sql.ddl.create], objects: ['sales.pg_temp.*'] }
  - id: tell
    allow: { actions: [sql.notify, sql.listen] }
  - id: estate
    deny: { actions: [sql.delete, sql.truncate], objects: [sales.public.estate_1] }
  - id: payouts
    hold: { actions: [sql.update, sql.delete, sql.truncate], objects: [sales.public.payouts] }
    approvers: { groups: ['{dba}'], count: 1 }
`,
}
