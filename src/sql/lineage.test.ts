import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { createRandomQueries, SCHEMA, SECRETS } from '../../test/support/sql/random-query.ts'
import type { Operation, Output } from '../core/operation.ts'
import type { NameScope } from './classification.ts'
import { CatalogScope, lookupQuery } from './postgres/catalog/catalog.ts'
import { classify } from './postgres/classify.ts'

const SEED = 20_261_124
const QUERIES = 400
const NO_NAMES: NameScope = { prepared: () => undefined, cursor: () => undefined }

/** What the secret columns hold the first time, and the second. */
const CONTENTS = [
  ['zed', 'amy', 'bob', 'amy'],
  ['carl', 'zed', 'carl', 'dora'],
] as const

interface Answer {
  readonly names: readonly string[]
  /** The values of each column, in no order. */
  readonly columns: readonly string[]
}

let db: PGlite

before(async () => {
  db = await PGlite.create()
  await db.exec(SCHEMA)
})

after(() => db.close())

async function fill(secrets: readonly string[]): Promise<void> {
  const array = `(array['${secrets.join(`','`)}'])`
  await db.exec(`truncate c, o;
    insert into c select i, 'n' || i, ${array}[i], array['t' || i] from generate_series(1, 4) i;
    insert into o select i, 1 + i % 4, 'note' || i, ${array}[1 + i % 4] || 'o' from generate_series(1, 6) i`)
}

async function run(sql: string): Promise<Answer | undefined> {
  try {
    const { rows, fields } = await db.query<unknown[]>(sql, [], { rowMode: 'array' })
    return {
      names: fields.map((field) => field.name),
      columns: fields.map((_, at) =>
        rows
          .map((row) => JSON.stringify(row[at]))
          .sort()
          .join(),
      ),
    }
  } catch {
    return undefined
  }
}

async function operationOf(sql: string, scope: CatalogScope): Promise<Operation> {
  for (let round = 0; round < 8; round++) {
    const result = classify(sql, scope, NO_NAMES)
    if (result.type === 'classified') return result.operation
    assert.ok(result.type === 'lookup', `${JSON.stringify(result)} for ${sql}`)
    const { text, parameters } = lookupQuery(result.lookup)
    const { rows } = await db.query<(string | null)[]>(text, parameters, { rowMode: 'array' })
    scope.learn(result.lookup, rows)
  }
  return assert.fail('the look-ups do not end')
}

function isSecret(column: readonly string[]): boolean {
  return SECRETS.has(column.slice(2).join('.'))
}

function declares({ sources }: Output): boolean {
  return sources === 'unknown' || sources.some((source) => isSecret(source.column))
}

/**
 * Two databases that differ in nothing but the secret columns: an output whose values differ lets a
 * secret through, so its sources must say so, or the statement's conditions must.
 */
test('what differs when only secrets differ is declared', async () => {
  const next = createRandomQueries(SEED)
  const queries = Array.from({ length: QUERIES }, next)
  await fill(CONTENTS[0])
  const first = await Promise.all(queries.map(run))
  await fill(CONTENTS[1])
  const second = await Promise.all(queries.map(run))
  const scope = new CatalogScope('postgres')
  const seen = { ran: 0, differing: 0, clean: 0 }
  for (const [index, sql] of queries.entries()) {
    const [one, two] = [first[index], second[index]]
    if (one === undefined || two === undefined) continue
    seen.ran++
    const { results, predicates } = await operationOf(sql, scope)
    const outputs = results[0]
    assert.ok(Array.isArray(outputs), sql)
    assert.deepEqual(
      outputs.map((output: Output) => output.name),
      one.names,
      sql,
    )
    for (const [at, output] of (outputs as readonly Output[]).entries()) {
      const differs = one.columns[at] !== two.columns[at]
      const declared = declares(output) || predicates.some(isSecret)
      assert.ok(!differs || declared, `output ${output.name} leaks in ${sql}`)
      if (differs) seen.differing++
      if (!declares(output)) seen.clean++
    }
  }
  assert.ok(seen.ran > QUERIES / 2, `only ${seen.ran} queries ran`)
  assert.ok(seen.differing > 50, `only ${seen.differing} outputs differed`)
  assert.ok(seen.clean > 50, `only ${seen.clean} outputs are free of secrets`)
})
