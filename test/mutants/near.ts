import { basename, dirname } from 'node:path'

/** Suites whose tests cross a folder, by the start of a path; the first that fits. */
const SUITES: readonly (readonly [start: string, suites: readonly string[]])[] = [
  ['src/sql', ['test/bypass/', 'test/integration/', 'test/policies/', 'test/leak/']],
  ['src/mask', ['test/leak/', 'test/bypass/', 'test/http-leak/']],
  ['src/policy', ['test/policies/', 'src/sql/', 'src/main/']],
  ['src/document', ['src/policy/', 'src/config/']],
  [
    'src/protocol/postgres',
    ['test/wire/', 'test/integration/', 'test/protocol/', 'test/approvals/', 'test/bypass/'],
  ],
  ['src/protocol/kubernetes', ['test/kubernetes/', 'test/http-bypass/', 'test/http-leak/']],
  ['src/protocol/azure/arm', ['test/azure/arm/', 'test/http-bypass/']],
  ['src/protocol/azure/keyvault', ['test/azure/keyvault/', 'test/http-leak/']],
  ['src/protocol/azure/storage', ['test/azure/storage/', 'test/http-leak/']],
  ['src/protocol/azure', ['test/azure/', 'test/http-leak/', 'test/http-bypass/']],
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
 * one beside it, those of its folder, those of the folders around it up to its room, those of the
 * room's other folders, those of suites named for the room.
 */
export function testsNear(path: string, tests: readonly string[], withSuites = true): string[] {
  const beside = path.replace(/\.ts$/, '.test.ts')
  const stem = basename(path, '.ts').split('-')[0]!
  const crossing = SUITES.find(([start]) => path.startsWith(start))?.[1] ?? []
  const suites = withSuites ? crossing : []
  const room = tests.filter((test) => test.startsWith(`${roomOf(path)}/`))
  const first = tests.filter((test) => test === beside)
  const related = room.filter((test) => basename(test).includes(stem))
  const lists = tests.filter((test) => test.startsWith('test/lists/'))
  const around = foldersAround(path).flatMap((folder) =>
    room.filter((test) => dirname(test) === folder),
  )
  const inSuites = suites.map((suite) => tests.filter((test) => test.startsWith(suite)))
  return [...new Set([...first, ...related, ...lists, ...around, ...room, ...inSuites.flat()])]
}

/** `src/protocol/azure` of `src/protocol/azure/shown/x.ts`; otherwise the folder below `src`. */
export function roomOf(path: string): string {
  const parts = path.split('/').slice(0, -1)
  return parts.slice(0, parts[1] === 'protocol' ? 3 : 2).join('/')
}

/** The folder of a file and those around it, as far as its room. */
function foldersAround(path: string): string[] {
  const [room, folders] = [roomOf(path), [] as string[]]
  for (let folder = dirname(path); folder.startsWith(room); folder = dirname(folder)) {
    folders.push(folder)
  }
  return folders
}
