import { bench } from '../program.ts'
import { FULL, measureHttp, QUICK } from './measure.ts'
import { httpTables } from './table.ts'

await bench({
  command: 'npm run bench:http --',
  quick: 'a second a cell instead of four, two rounds, a smaller blob: for orientation',
  mark: 'bench-http',
  measure: (isQuick, tell) => measureHttp(isQuick ? QUICK : FULL, tell),
  tables: httpTables,
})
