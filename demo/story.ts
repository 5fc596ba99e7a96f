import { AZURE } from './chapter-azure.ts'
import { DATABASE } from './chapter-database.ts'
import { KUBERNETES } from './chapter-kubernetes.ts'
import { PEOPLE } from './chapter-people.ts'
import type { Chapter } from './step.ts'

export const STORY: readonly Chapter[] = [DATABASE, KUBERNETES, AZURE, PEOPLE]
