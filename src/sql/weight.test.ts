import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Classified } from './classification.ts'
import { CatalogScope } from './postgres/catalog/catalog.ts'
import { classify } from './postgres/classify.ts'
import { loadParser } from './postgres/parse/parser.ts'
import { weightOf } from './weight.ts'

const list = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join(',')

/** Statements whose classification is large for their text, each with a number of its own. */
const SHAPES: Readonly<Record<string, (n: number) => string>> = {
  small: (n) => `SELECT ${n}, 2, 'abc' AS x`,
  columns: (n) => `SELECT ${list(1600, (i) => `${n} + ${i}`)}`,
  names: (n) => `SELECT ${list(1600, (i) => `1 AS c${n}_${i}`)}`,
  values: (n) => `SELECT * FROM (VALUES (${n}, ${list(1500, () => '1')})) v`,
  prepared: (n) => `PREPARE p${n} AS SELECT ${list(1600, (i) => `${n} + ${i}`)}`,
  ctes: (n) => `WITH ${list(200, (i) => `t${i} AS (SELECT ${n} a, 2 b)`)} SELECT * FROM t0`,
}

const NO_NAMES = { prepared: () => undefined, cursor: () => undefined }
let gc: () => void
before(async () => {
  setFlagsFromString('--expose-gc')
  gc = runInNewContext('gc') as () => void
  await loadParser()
})

for (const [shape, make] of Object.entries(SHAPES)) {
  test(`what is kept of ${shape} is not much more than it weighs`, () => {
    const scope = new CatalogScope('db')
    Object.defineProperty(scope, 'facts', {
      value: { schemas: ['public'], operators: [], casts: [] },
    })
    const kept: Classified[] = []
    const one = (n: number) => {
      const result = classify(make(n), scope, NO_NAMES)
      assert.equal(result.type, 'classified')
      if (result.type === 'classified') kept.push(result)
    }
    one(0)
    gc()
    const before = process.memoryUsage().heapUsed
    const count = shape === 'small' ? 2000 : 40
    for (let n = 1; n <= count; n++) one(n)
    gc()
    const bytes = process.memoryUsage().heapUsed - before
    const weight = kept.slice(1).reduce((sum, each) => sum + weightOf(each), 0)
    assert.ok(bytes < 2 * weight + 1_000_000, `${bytes} bytes kept, ${weight} weighed`)
    assert.ok(weight < 8 * bytes + 1_000_000, `${bytes} bytes kept, ${weight} weighed`)
  })
}
