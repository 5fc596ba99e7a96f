import { COMMANDS } from './corpus-commands.ts'
import { HARMLESS, OVER_MASKED } from './corpus-harmless.ts'
import { HIDDEN_CODE } from './corpus-hidden-code.ts'
import { testFamilies } from './corpus.ts'

testFamilies({
  commands: COMMANDS,
  'hidden code': HIDDEN_CODE,
  harmless: HARMLESS,
  'masked though harmless': OVER_MASKED,
})
