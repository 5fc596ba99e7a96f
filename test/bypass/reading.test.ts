import { testFamilies } from './corpus.ts'
import { EXPRESSIONS } from './corpus-expressions.ts'
import { READING } from './corpus-reading.ts'

testFamilies({ reading: READING, expressions: EXPRESSIONS })
