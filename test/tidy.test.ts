import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Who may import whom, inside `src`. A folder may import itself and what is named here; nothing
 * else. Tests may import anything. Read from top to bottom, it is the order of the data.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: [],
  document: ['core'],
  config: ['core', 'document', 'policy', 'identity', 'record', 'sql'],
  listen: ['core'],
  identity: ['core', 'document', 'store'],
  sql: ['core'],
  policy: ['core', 'document'],
  mask: ['core'],
  approval: ['core', 'record', 'store'],
  upstream: ['core', 'config'],
  record: ['core'],
  audit: ['core', 'record'],
  store: ['core'],
  telemetry: ['core'],
  session: ['core', 'approval', 'mask', 'policy', 'record'],
  'protocol/postgres/messages': ['core', 'approval', 'session'],
  'protocol/postgres/signing-in': [
    'core',
    'listen',
    'session',
    'upstream',
    'wire',
    'protocol/postgres/messages',
  ],
  'protocol/postgres/masking': ['core', 'mask', 'sql', 'protocol/postgres/messages'],
  'protocol/postgres/judging': [
    'core',
    'mask',
    'policy',
    'record',
    'session',
    'sql',
    'protocol/postgres/messages',
  ],
  'protocol/postgres/conversation': [
    'core',
    'approval',
    'mask',
    'policy',
    'record',
    'session',
    'sql',
    'upstream',
    'wire',
    'protocol/postgres/messages',
    'protocol/postgres/masking',
    'protocol/postgres/judging',
  ],
  'protocol/postgres': [
    'core',
    'identity',
    'listen',
    'mask',
    'session',
    'upstream',
    'protocol/postgres/messages',
    'protocol/postgres/signing-in',
    'protocol/postgres/judging',
    'protocol/postgres/conversation',
  ],
  'protocol/http': [
    'core',
    'approval',
    'identity',
    'listen',
    'mask',
    'policy',
    'record',
    'session',
    'upstream',
    'wire',
  ],
  'protocol/kubernetes': ['core', 'mask', 'policy', 'session', 'wire', 'protocol/http'],
  'protocol/azure': ['core', 'mask', 'policy', 'session', 'wire', 'protocol/http'],
  api: ['core', 'approval', 'audit', 'identity', 'listen', 'policy', 'record', 'session', 'wire'],
  cli: ['core', 'audit', 'config', 'document', 'policy', 'sql', 'main'],
  main: ['*'],
}

/** Folders that do no input or output: they import nothing of Node but what computes. */
const PURE: readonly string[] = ['core', 'wire', 'sql', 'policy', 'mask']
const PURE_MODULES: readonly string[] = ['node:buffer', 'node:crypto', 'node:util', 'node:net']

/** The files of pure folders that touch the outside, and why. */
const IMPURE_FILES: readonly string[] = [
  'src/policy/load/folder.ts', // watches the policy folder
  'src/policy/load/read-file.ts', // reads the files in it
  'src/sql/postgres/parse/baseline-code.ts', // tells V8 how to compile the parser
]

/** A file that grows past this wants to be split. */
const LINES_MAX = 340

/** A folder with more files beside one another wants rooms of its own. The tests of a file do not count. */
const FILES_MAX = 25

/** Where something starts that nothing imports. */
const STARTS: readonly string[] = [
  'src/cli/main.ts', // the command
  'src/config/write-schemas.ts', // a script
  'src/main/gateway.ts', // loaded by `serve` only
  'src/record/segments/seal-worker.ts', // a thread
]

/** Words that no file may hold: paths of one machine, and hosts of package registries. */
const BANNED: readonly RegExp[] = [/\/home\/[a-z]/, /registry\.npmjs/, /console\.log\(['"`]TODO/]

interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
}

const IMPORT =
  /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

function sources(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      const text = readFileSync(file, 'utf8')
      const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2]!)
      return { path: relative(ROOT, file), text, imports }
    })
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}

/** The innermost folder that `LAYERS` names; a file of `src` itself is named without its ending. */
function layerOf(path: string): string {
  const parts = path.replace(/\.ts$/, '').split('/').slice(1)
  const folders = parts.map((_, index) => parts.slice(0, index + 1).join('/')).toReversed()
  return folders.find((folder) => folder in LAYERS) ?? parts[0]!
}

const everything = ['src', 'test', 'emulator', 'demo', 'bench'].flatMap(sources)
const product = everything.filter(({ path }) => path.startsWith('src/') && !isTest(path))

test('the test sees the files', () => {
  assert.ok(product.length > 50, `only ${product.length} files found`)
  assert.ok(product.some(({ imports }) => imports.length > 3))
})

test('every folder imports only what its layer may', () => {
  const wrong = product.flatMap(({ path, imports }) => {
    const layer = layerOf(path)
    const allowed = LAYERS[layer]
    if (allowed === undefined) return [`${path}: the folder ${layer} is in no layer`]
    return imports
      .filter((name) => name.startsWith('.'))
      .map((name) => layerOf(relative(ROOT, resolve(ROOT, dirname(path), name))))
      .filter((to) => to !== layer && !allowed.includes(to) && !allowed.includes('*'))
      .map((to) => `${path}: ${layer} may not import ${to}`)
  })
  assert.deepEqual(wrong, [])
})

/** By file, the files that it imports. */
const IMPORTS: ReadonlyMap<string, readonly string[]> = new Map(
  product.map(({ path, imports }) => [
    path,
    imports
      .filter((name) => name.startsWith('.'))
      .map((name) => relative(ROOT, resolve(ROOT, dirname(path), name))),
  ]),
)

test('no file imports itself by way of others', () => {
  assert.deepEqual(circleIn(IMPORTS), [])
})

test('no room imports itself by way of others', () => {
  const rooms = new Map<string, string[]>()
  for (const [path, imports] of IMPORTS) {
    const room = dirname(path)
    const others = imports.map((to) => dirname(to)).filter((to) => to !== room)
    rooms.set(room, [...(rooms.get(room) ?? []), ...others])
  }
  assert.deepEqual(circleIn(rooms), [])
})

test('a circle is found', () => {
  const arrows = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['b']],
  ])
  assert.deepEqual(circleIn(arrows), ['b', 'c', 'b'])
})

/** One circle, as the way around it; none is an empty list. */
function circleIn(arrows: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const way: string[] = []
  const walk = (from: string): string[] => {
    if (way.includes(from)) return [...way.slice(way.indexOf(from)), from]
    if (done.has(from)) return []
    way.push(from)
    for (const to of arrows.get(from) ?? []) {
      const circle = walk(to)
      if (circle.length > 0) return circle
    }
    way.pop()
    done.add(from)
    return []
  }
  for (const start of arrows.keys()) {
    const circle = walk(start)
    if (circle.length > 0) return circle
  }
  return []
}

test('imports stand in one order: Node, packages, then from afar to near', () => {
  const rank = (name: string): string => {
    if (name.startsWith('node:')) return `0 ${name}`
    if (!name.startsWith('.')) return `1 ${name}`
    return `2 ${9 - name.split('../').length} ${name}`
  }
  const wrong = everything.flatMap(({ path, text }) => {
    const names = [...text.matchAll(/^import [^'"]* from '([^']+)'$/gm)].map((match) => match[1]!)
    const ranks = names.map(rank)
    const at = ranks.findIndex((one, index) => index > 0 && one < ranks[index - 1]!)
    return at < 0 ? [] : [`${path}: ${names[at]} after ${names[at - 1]}`]
  })
  assert.deepEqual(wrong, [])
})

test('a room can be seen at a glance', () => {
  const rooms = Map.groupBy(product, ({ path }) => dirname(path))
  const full = [...rooms].filter(([, files]) => files.length > FILES_MAX)
  assert.deepEqual(
    full.map(([room, files]) => `${room}: ${files.length} files`),
    [],
  )
})

test('files are pages, and neither slips nor books', () => {
  const lengths = product.map(({ text }) => text.split('\n').length).sort((a, b) => a - b)
  const median = lengths[lengths.length >> 1]!
  assert.ok(median >= 60 && median <= 150, `the median file has ${median} lines`)
})

test('what only tests use does not lie in the product', () => {
  const used = new Set([...IMPORTS.values()].flat())
  const unused = product
    .map(({ path }) => path)
    .filter((path) => !used.has(path) && !STARTS.includes(path))
  assert.deepEqual(unused, [])
})

test('pure folders do no input or output', () => {
  const wrong = product
    .filter(({ path }) => PURE.includes(layerOf(path)) && !IMPURE_FILES.includes(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter((name) => name.startsWith('node:') && !PURE_MODULES.includes(name))
        .map((name) => `${path}: imports ${name}`),
    )
  assert.deepEqual(wrong, [])
})

test('time comes from the clock', () => {
  const wrong = product
    .filter(({ path, text }) => path !== 'src/core/clock.ts' && /\bDate\.now\(\)/.test(text))
    .map(({ path }) => path)
  assert.deepEqual(wrong, [])
})

test('files stay small', () => {
  const wrong = product
    .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
    .filter(({ lines }) => lines > LINES_MAX)
  assert.deepEqual(wrong, [])
})

test('nothing names a machine or a registry', () => {
  const wrong = everything
    .filter(({ path }) => path !== 'test/tidy.test.ts')
    .flatMap(({ path, text }) =>
      BANNED.filter((banned) => banned.test(text)).map((banned) => `${path}: ${banned}`),
    )
  assert.deepEqual(wrong, [])
})

test('no test is skipped or focused without a reason', () => {
  const wrong = everything
    .filter(({ path }) => path.endsWith('.test.ts') && path !== 'test/tidy.test.ts')
    .filter(({ text }) => /\b(?:test|it|describe)\.(?:only|todo)\b|skip: true\b/.test(text))
    .map(({ path }) => path)
  assert.deepEqual(wrong, [])
})

/** What an operation is called is for people, and may be reworded: these show it, or let authors ask. */
const SAYS_KIND: readonly string[] = [
  'src/approval/view.ts',
  'src/policy/condition.ts',
  'src/policy/change/rehearse.ts',
  'src/record/lines/event.ts',
  'src/sql/postgres/statements/explain-statement.ts',
]

test('nothing is decided by what an operation is called', () => {
  const readers = sources('src')
    .filter(({ path, text }) => !isTest(path) && READS_KIND.test(text))
    .map(({ path }) => path)
  assert.deepEqual(readers, SAYS_KIND)
})

/** `operation.kind`, `judged.kind` in a condition, or `kind` taken out of an Operation. */
const READS_KIND = /\boperation\??\.kind\b|\{[^{}]*\bkind\b[^{}]*\}: Operation\b/
