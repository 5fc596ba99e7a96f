import { testFamilies } from './corpus.ts'
import { LAUNDERING } from './corpus-laundering.ts'
import { ORACLES } from './corpus-oracles.ts'

testFamilies({ laundering: LAUNDERING, oracles: ORACLES })
