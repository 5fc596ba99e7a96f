import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listsOfProduct, written } from './lists.ts'

/** `npm run lists`: keeps the lists as they are now. Read the difference before it is committed. */
writeFileSync(join(import.meta.dirname, 'lists.txt'), written(listsOfProduct()))
