import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import type { Reach } from './raw-stream.ts'
import { askRaw } from './raw-stream.ts'

/** The same patches past the gateway and through it. */
export interface PatchWorld {
  readonly direct: Reach
  readonly through: Reach
}

/** What the value of the secret field is, which no answer through the gateway may hold. */
const SECRET = 'canary-in-a-patch'

/** The thing that is patched, as YAML that is JSON. */
export const PATCHED = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'patched',
    namespace: 'prod',
    annotations: { 'a/b': 'slash', '0': 'nought', 'one.example/0': SECRET },
    finalizers: ['f.example/a', 'f.example/b', 'f.example/c'],
  },
  data: { a: 'one', '0': 'zero', '-1': 'minus', secret: SECRET },
}

export const PATCH_POLICY = `
name: patches
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.get], objects: [prod/configmaps/**] }
    mask:
      - columns: [prod/configmaps/*/data/secret, 'prod/configmaps/*/metadata/annotations/"one.example/0"']
        with: redact
        predicates: deny
  - id: write
    allow: { actions: [k8s.patch], objects: [prod/configmaps/**] }
`

const COPIED = new RegExp(`"[xy0]":"${SECRET}"`)

type Change = Readonly<Record<string, unknown>>

const copied = (from: string): Change => ({ op: 'copy', from, path: '/data/x' })
const [A, B, C] = ['f.example/a', 'f.example/b', 'f.example/c']

/** What a patch makes of `data.x`, or a status of failure. */
const COPIES: readonly (readonly [from: string, made: string | number])[] = [
  ['/metadata/finalizers/0', A],
  ['/metadata/finalizers/2', C],
  ['/metadata/finalizers/3', 422],
  ['/metadata/finalizers/-1', C],
  ['/metadata/finalizers/-3', A],
  ['/metadata/finalizers/-4', 422],
  ['/metadata/finalizers/+1', B],
  ['/metadata/finalizers/+0', A],
  ['/metadata/finalizers/-0', A],
  ['/metadata/finalizers/001', B],
  ['/metadata/finalizers/-01', C],
  ['/metadata/finalizers/-', 422],
  ['/metadata/finalizers/1_0', 422],
  ['/metadata/finalizers/0x1', 422],
  ['/metadata/finalizers/1.0', 422],
  ['/metadata/finalizers/1e0', 422],
  ['/metadata/finalizers/ 1', 422],
  ['/metadata/finalizers/١', 422],
  ['/metadata/finalizers/99999999999999999999', 422],
  ['/metadata/finalizers/', 422],
  ['metadata/finalizers/1', 422],
  ['x/metadata/finalizers/1', B],
  ['/metadata/annotations/a~1b', 'slash'],
  ['/metadata/annotations/a~01b', 422],
  ['/metadata/annotations/0', 'nought'],
  ['/metadata/annotations/-0', 422],
  ['/data/0', 'zero'],
  ['/data/-1', 'minus'],
  ['/data/a', 'one'],
  ['/Data/a', 422],
  ['data', 422],
]

const TESTS: readonly (readonly [path: string, value: unknown, passes: boolean])[] = [
  ['/metadata/finalizers/-1', C, true],
  ['/metadata/finalizers/-1', A, false],
  ['/metadata/finalizers', [A, B, C], true],
  ['/metadata/finalizers', [A, C, B], false],
  ['/data/0', 'zero', true],
  ['/data/nothing', null, true],
  ['/data/nothing', 'x', false],
]

interface Answer {
  readonly status: number
  readonly text: string
}

async function patch(reach: Reach, changes: readonly Change[]): Promise<Answer> {
  const path = '/api/v1/namespaces/prod/configmaps/patched?dryRun=All'
  return askRaw(reach, `PATCH ${path}`, 'application/json-patch+json', JSON.stringify(changes))
}

export function patchCases(start: () => Promise<PatchWorld>, skip: string | false): void {
  let world: PatchWorld
  before(async () => {
    if (skip === false) world = await start()
  })

  for (const [from, made] of COPIES) {
    test(`a copy from ${from}, as the target reads it`, { skip }, async () => {
      const { status, text } = await patch(world.direct, [copied(from)])
      if (typeof made === 'number') {
        // A field that is not there is copied as null, which makes an empty text.
        assert.ok(status === made || (xOf(text) ?? '') === '', `${status} ${text}`)
      } else assert.equal(xOf(text), made, text)
    })
  }

  for (const [path, value, passes] of TESTS) {
    test(
      `a test of ${path} for ${JSON.stringify(value)}, as the target reads it`,
      { skip },
      async () => {
        const { status, text } = await patch(world.direct, [{ op: 'test', path, value }])
        assert.equal(status, passes ? 200 : 422, text)
      },
    )
  }

  test('no copy brings a masked value to where it shows', { skip }, async () => {
    const dice = createDice(seedFrom('KUBE_PATCHES_SEED'))
    const tally = { passed: 0, would: 0 }
    for (let round = 0; round < countFrom('KUBE_PATCHES', 150); round++) {
      const changes = Array.from({ length: dice.between(1, 4) }, () => randomChange(dice))
      const past = await patch(world.direct, changes)
      const { status, text } = await patch(world.through, changes)
      assert.ok(!text.includes(SECRET), `seed ${dice.seed}: ${JSON.stringify(changes)}: ${text}`)
      if (status === 200) tally.passed++
      if (past.status === 200 && COPIED.test(past.text)) tally.would++
    }
    assert.ok(tally.passed > 0 && tally.would > 0, JSON.stringify(tally))
  })

  test('no test of a masked value tells a right guess from a wrong one', { skip }, async () => {
    for (const path of [
      '/data/secret',
      '/x/../data/secret',
      'y/data/secret',
      '/data/~0secret',
    ] as const) {
      const ask = async (value: unknown) =>
        (await patch(world.through, [{ op: 'test', path, value }])).status
      assert.equal(await ask(SECRET), await ask('wrong'), path)
    }
    const { data } = PATCHED
    const whole = await patch(world.through, [{ op: 'test', path: '/data', value: data }])
    assert.equal(whole.status, 403, whole.text)
  })
}

function xOf(text: string): unknown {
  const { data } = JSON.parse(text) as { readonly data?: Readonly<Record<string, unknown>> }
  return data?.['x']
}

type Dice = ReturnType<typeof createDice>

const NAMES = [
  'data', 'secret', 'a', '0', '-1', '+0', '-', 'metadata', 'annotations', 'one.example~10', 'finalizers',
  'a~1b', '', '~0', '00', '-0', 'x', 'one.example/0',
] // prettier-ignore

/** Mostly what could be meant: pointers into the data and the annotations, spelled oddly. */
function randomChange(dice: Dice): Change {
  const one = <T>(from: readonly T[]): T => dice.pick(from)
  const lead = () => one(['', '', '', 'x', '~0'])
  const pointer = () => {
    const known = one([
      '/data/secret',
      '/metadata/annotations/one.example~10',
      '/data',
      '/metadata',
      '/metadata/annotations',
    ])
    return dice.between(0, 3) > 0
      ? lead() + known
      : lead() + Array.from({ length: dice.between(1, 5) }, () => `/${one(NAMES)}`).join('')
  }
  const to = () => one(['/data/x', '/data/0', '/metadata/annotations/y', pointer()])
  const op = one(['copy', 'copy', 'move', 'add', 'replace', 'remove'])
  if (op === 'copy' || op === 'move') return { op, from: pointer(), path: to() }
  return { op, path: to(), value: one<unknown>(['v', { a: 'b' }, ['f.example/z']]) }
}
