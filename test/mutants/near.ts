import { basename, dirname } from 'node:path'

/** Suites whose tests cross a folder, by the start of a path; the first that fits. */
const SUITES: readonly (readonly [start: string, suites: readonly string[]])[] = [
  ['src/sql', ['test/bypass/', 'test/integration/', 'test/policies/']],
  ['src/mask', ['test/bypass/', 'test/http-leak/']],
  ['src/policy', ['test/policies/', 'src/sql/', 'src/main/']],
  ['src/protocol/postgres', ['test/bypass/', 'test/integration/', 'test/wire/', 'test/protocol/']],
  ['src/protocol/kubernetes', ['test/kubernetes/', 'test/http-bypass/']],
  ['src/protocol/azure', ['test/azure/', 'test/http-bypass/']],
  [
    'src/protocol/http',
    ['test/http/', 'test/http-bypass/', 'src/protocol/kubernetes/', 'src/protocol/azure/'],
  ],
  ['src/identity', ['src/main/', 'src/api/', 'test/integration/']],
  ['src/approval', ['src/session/', 'test/approvals/', 'test/integration/']],
  ['src/record', ['src/audit/', 'test/faults/', 'test/integration/']],
  ['src', ['src/main/', 'src/cli/', 'src/protocol/', 'test/integration/']],
]

/**
 * The test files that should notice a change in `path`, in the order in which they are asked: the
 * one beside it, those of its folder, those of suites named for the folder.
 */
export function testsNear(path: string, tests: readonly string[], withSuites = true): string[] {
  const beside = path.replace(/\.ts$/, '.test.ts')
  const folder = `${dirname(path)}/`
  const stem = basename(path, '.ts').split('-')[0]!
  const crossing = SUITES.find(([start]) => path.startsWith(start))?.[1] ?? []
  const suites = withSuites ? crossing : []
  const first = tests.filter((test) => test === beside)
  const related = tests.filter((test) => test.startsWith(folder) && basename(test).includes(stem))
  const inFolder = tests.filter((test) => test.startsWith(folder))
  const inSuites = suites.map((suite) => tests.filter((test) => test.startsWith(suite)))
  const lists = tests.filter((test) => test.startsWith('test/lists/'))
  return [...new Set([...first, ...related, ...lists, ...inFolder, ...inSuites.flat()])]
}
