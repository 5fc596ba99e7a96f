import { noPostgres } from '../test/support/postgres-programs.ts'
import { FULL, measure, QUICK } from './measure.ts'
import { bench } from './program.ts'
import { tables } from './table.ts'

const missing = noPostgres()
if (missing !== false) throw new Error(missing)

await bench({
  command: 'npm run bench --',
  quick: 'a second a cell instead of three, two rounds, fewer rows: for orientation',
  mark: 'bench',
  measure: (isQuick, tell) => measure(isQuick ? QUICK : FULL, tell),
  tables,
})
