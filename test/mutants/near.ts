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

/** Suites that are the tests of a folder as much as what lies in it, and as quick. */
const OWN: readonly (readonly [start: string, suite: string])[] = [
  ['src/protocol/postgres/conversation/', 'test/wire/'],
  ['src/protocol/postgres/session.ts', 'test/wire/'],
]

/**
 * The test files that should notice a change in `path`, in groups that are asked one after the
 * other, each in one process: those of its name, its folder's, those of the folders around it up to
 * its room, suites that are its own, those of the room's other folders, then file by file the
 * suites named for the room.
 */
export function testsNear(
  path: string,
  tests: readonly string[],
  withSuites = true,
): readonly (readonly string[])[] {
  const beside = path.replace(/\.ts$/, '.test.ts')
  const stem = basename(path, '.ts').split('-')[0]!
  const room = tests.filter((test) => test.startsWith(`${roomOf(path)}/`))
  const isRelated = (test: string) => test === beside || basename(test).includes(stem)
  const lists = tests.filter((test) => test.startsWith('test/lists/'))
  const crossing = SUITES.find(([start]) => path.startsWith(start))?.[1] ?? []
  const suites = withSuites ? crossing : []
  const others = withSuites ? [...new Set(room.map((test) => dirname(test)))] : []
  const own = OWN.filter(([start]) => path.startsWith(start)).map(([, suite]) => suite)
  const inFolder = (folder: string) => room.filter((test) => dirname(test) === folder)
  const asked = new Set<string>()
  return [
    [...room.filter(isRelated), ...lists],
    ...foldersAround(path).map(inFolder),
    ...own.map((suite) => tests.filter((test) => test.startsWith(suite))),
    ...others.map(inFolder),
    ...suites
      .flatMap((suite) => tests.filter((test) => test.startsWith(suite)))
      .map((one) => [one]),
  ]
    .map((group) => group.filter((test) => !asked.has(test) && asked.add(test)))
    .filter((group) => group.length > 0)
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
