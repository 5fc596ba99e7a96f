import { EXPRESSIONS } from './corpus-expressions.ts'
import { READING } from './corpus-reading.ts'
import { testFamilies } from './corpus.ts'

testFamilies({ reading: READING, expressions: EXPRESSIONS })
