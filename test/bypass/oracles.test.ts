import { LAUNDERING } from './corpus-laundering.ts'
import { ORACLES } from './corpus-oracles.ts'
import { testFamilies } from './corpus.ts'

testFamilies({ laundering: LAUNDERING, oracles: ORACLES })
