import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TargetCall } from '../../http/api.ts'
import { createLinkStore } from './links.ts'
import type { AzureNote } from './note.ts'
import { isResourceSecret, showUnder } from './preview-mask.ts'
import { previewOf } from './preview.ts'
import { changeLines, whatIfLines } from './what-if.ts'

const KEYS = { hashKey: new Uint8Array(32) }
const DENIED = { verdict: { effect: 'deny' }, plans: [] } as never

test('changes are lines for people, deletions first, secrets left out', () => {
  const show = showUnder(DENIED, KEYS, isResourceSecret)
  const changes = [
    { changeType: 'NoChange', resourceId: '/same' },
    { changeType: 'Create', resourceId: '/new' },
    {
      changeType: 'Modify',
      resourceId: '/old',
      delta: [
        { path: 'sku.name', propertyChangeType: 'Modify', before: 'S1', after: 'S2' },
        { path: 'adminPassword', propertyChangeType: 'Modify', before: 'a', after: 'b' },
        {
          path: 'tags',
          propertyChangeType: 'Array',
          children: [{ path: 'x', propertyChangeType: 'Create', after: 1 }],
        },
      ],
    },
    { changeType: 'Delete', resourceId: '/gone' },
  ]
  const { text } = whatIfLines(changes, show)
  assert.deepEqual(text.split('\n'), [
    '- /gone',
    '~ /old',
    '    ~ sku.name: "S1" → "S2"',
    '    ~ adminPassword: "(not shown)" → "(not shown)"',
    '    + tags.x: 1',
    '+ /new',
    '1 resources would stay as they are.',
  ])
  assert.equal(whatIfLines([]).text, 'Nothing would change.')
})

test('a body that is asked for is compared with what there is', () => {
  const now = { properties: { size: 'S', tags: { a: 1 } }, location: 'x' }
  assert.deepEqual(changeLines(now, { properties: { Size: 'L', tags: { a: 1 }, more: true } }), [
    '~ properties.Size: "S" → "L"',
    '+ properties.more: null → true',
  ])
})

test('what the target tells is shown as its mask lets it, and counts as it is', () => {
  const change = (before: string) => ({
    changeType: 'Modify',
    resourceId: '/subscriptions/s/resourceGroups/G',
    delta: [{ path: 'properties.list', children: [{ path: '0', before, after: 'b' }] }],
  })
  const asked: unknown[] = []
  const hidden = (before: string) =>
    whatIfLines([change(before)], (object, path) => {
      asked.push([object?.join('/'), path.join('/')])
      return '***'
    })
  const { text, all } = hidden('a')
  assert.match(text, /~ properties\.list\.0: "\*\*\*" → "\*\*\*"/)
  assert.deepEqual(asked[0], ['subscriptions/s/resourceGroups/g', 'properties/list'])
  assert.notDeepEqual(all, hidden('c').all)
  assert.deepEqual(
    changeLines(
      { a: { b: 'old' } },
      { a: { b: 'new' } },
      (path, value) => `${path.join('/')} ${JSON.stringify(value)}`,
    ),
    ['~ a.b: "a/b \\"old\\"" → "a/b \\"new\\""'],
  )
})

type Asked = Parameters<TargetCall>[0]
type Answer = Awaited<ReturnType<TargetCall>>

async function preview(
  answers: readonly Partial<Answer>[],
  kind = 'Microsoft.Resources/deployments/write',
  note: Partial<AzureNote> = {},
) {
  const asked: Asked[] = []
  const call: TargetCall = (request) => {
    const next = answers[asked.length] ?? {}
    asked.push(request)
    return Promise.resolve({ status: 200, headers: [], body: Buffer.alloc(0), ...next })
  }
  const operation = { action: kind, object: ['x'], effect: 'write' as const }
  const request = {
    operation: { kind } as never,
    text: '',
    note: {
      target: '/d?api-version=1',
      object: ['x'],
      list: false,
      reads: false,
      operation,
      ...note,
    },
  }
  const options = {
    target: 'https://management.azure.com',
    authority: '',
    links: createLinkStore(),
    keys: { hashKey: new Uint8Array(32) },
    sleep: () => Promise.resolve(),
  }
  const result = await previewOf(
    request,
    Buffer.from('{}'),
    call,
    options,
    (_object, _path, value) => value,
  )
  return { asked, result }
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value))

test('a deployment is asked of the target, and polled there alone', async () => {
  const changes = [{ changeType: 'Create', resourceId: '/new' }]
  const { asked, result } = await preview([
    { status: 202, headers: [['location', 'https://management.azure.com/poll?x=1']] },
    {
      status: 202,
      headers: [
        ['location', 'https://management.azure.com/poll?x=1'],
        ['retry-after', '1'],
      ],
    },
    { body: json({ status: 'Succeeded', properties: { changes } }) },
  ])
  assert.deepEqual(
    asked.map(({ method, target }) => `${method} ${target}`),
    ['POST /d/whatIf?api-version=1', 'GET /poll?x=1', 'GET /poll?x=1'],
  )
  assert.equal(result?.text, '+ /new')
})

test('the digest changes when the change does', async () => {
  const of = async (id: string) => {
    const changes = [{ changeType: 'Create', resourceId: id }]
    return (await preview([{ body: json({ properties: { changes } }) }])).result?.digest
  }
  assert.equal(await of('/a'), await of('/a'))
  assert.notEqual(await of('/a'), await of('/b'))
})

test('a what-if that fails, leads away or does not end is no preview', async () => {
  const away = { status: 202, headers: [['location', 'https://evil.example/poll']] as const }
  await assert.rejects(preview([away]), { code: 'TARGET_PROTOCOL' })
  const failed = { body: json({ status: 'Failed', error: { code: 'InvalidTemplate' } }) }
  await assert.rejects(preview([failed]), /InvalidTemplate/)
  const again = { status: 202, headers: [['location', '/poll']] as const }
  await assert.rejects(preview(Array.from({ length: 100 }, () => again)), {
    code: 'TARGET_PROTOCOL',
  })
})

test('another write is shown beside what there is, and bound to its ETag', async () => {
  const kind = 'Microsoft.Compute/disks/write'
  const note = { body: { size: 2 } }
  const first = await preview([{ body: json({ size: 1 }), headers: [['etag', '"1"']] }], kind, note)
  assert.equal(first.result?.text, '~ size: 1 → 2')
  const same = await preview(
    [{ body: json({ size: 1, noise: 1 }), headers: [['etag', '"1"']] }],
    kind,
    note,
  )
  assert.equal(same.result?.digest, first.result.digest)
  const other = await preview([{ body: json({ size: 1 }), headers: [['etag', '"2"']] }], kind, note)
  assert.notEqual(other.result?.digest, first.result.digest)
  const none = await preview([{ status: 404 }], kind, note)
  assert.equal(none.result?.text, 'It does not exist yet.')
})

test('names as long as a body, and more fields than anybody reads, cost no more than their size', () => {
  const fields = (start: string) =>
    Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`${start}${n}`, n]))
  const many = changeLines({ tags: fields('a') }, { tags: fields('b') })
  assert.equal(many[0], '+ tags.b0: null → 0')
  assert.equal(many.length, 200)
  assert.deepEqual(changeLines({ tags: fields('a') }, { tags: fields('A') }), [])
  const long = changeLines(
    { ['x'.repeat(1_000_000)]: {} },
    { ['x'.repeat(1_000_000)]: fields('c') },
  )
  assert.ok(long.every(({ length }) => length < 1000))
})
