import { NAMES } from './corpus-names.ts'
import { SPELLING } from './corpus-spelling.ts'
import { SYSTEM } from './corpus-system.ts'
import { testFamilies } from './corpus.ts'

testFamilies({ names: NAMES, spelling: SPELLING, system: SYSTEM })
