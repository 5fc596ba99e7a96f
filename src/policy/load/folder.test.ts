import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import {
  context,
  operation,
  policyText,
  principalOf,
  salesDb,
} from '../../../test/support/policy/fixtures.ts'
import type { ChaperoneError } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { FILE_BYTES_MAX } from '../limits.ts'
import type { PolicySet } from '../ruleset.ts'
import { openPolicyFolder, readPolicyFiles } from './folder.ts'

const READ = policyText(['{ id: r, allow: { actions: [sql.select] } }'])
const WRITE = policyText(['{ id: w, allow: { actions: [sql.update] } }'])

function newFolder(t: TestContext): string {
  const base = mkdtempSync(join(tmpdir(), 'chaperone-policies-'))
  t.after(() => rmSync(base, { recursive: true }))
  const folder = join(base, 'policies')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a.yaml'), READ)
  return folder
}

async function opened(
  t: TestContext,
  folder: string,
  onChange: (set: PolicySet) => void = () => {},
) {
  const alarms: ChaperoneError[] = []
  const logged: string[] = []
  const log = { ...silentLog, error: (event: string) => void logged.push(event) }
  const onAlarm = (error: ChaperoneError) => void alarms.push(error)
  const policies = await openPolicyFolder({ folder, log, onChange, onAlarm })
  t.after(() => policies.close())
  const allows = (action: string) => {
    const ruleset = policies.current().rulesFor(principalOf({}), salesDb)
    return ruleset.decide(operation([`${action} sales.public.t`]), context).effect === 'allow'
  }
  return { policies, alarms, logged, allows }
}

type Breaking = (folder: string) => void
//           what, how, code, file
const broken: readonly (readonly [string, Breaking, string, string])[] = [
  ['no YAML', (in_) => writeFileSync(join(in_, 'a.yaml'), 'rules: ['), 'POLICY_INVALID', 'a.yaml'],
  [
    'a second file that is wrong',
    (in_) => writeFileSync(join(in_, 'b.yml'), 'name: q\n'),
    'POLICY_INVALID',
    'b.yml',
  ],
  [
    'no UTF-8',
    (in_) => writeFileSync(join(in_, 'b.yaml'), Buffer.from([0x23, 0xc3, 0x28, 0x0a])),
    'POLICY_INVALID',
    'b.yaml',
  ],
  [
    'too large',
    (in_) => writeFileSync(join(in_, 'b.yaml'), `#${'x'.repeat(FILE_BYTES_MAX)}`),
    'POLICY_INVALID',
    'b.yaml',
  ],
  [
    'a pipe that nobody writes to',
    (in_) => void execFileSync('mkfifo', [join(in_, 'b.yaml')]),
    'CONFIG_UNREADABLE',
    'b.yaml',
  ],
  [
    'a link to a device without end',
    (in_) => symlinkSync('/dev/zero', join(in_, 'b.yaml')),
    'CONFIG_UNREADABLE',
    'b.yaml',
  ],
  ['a folder', (in_) => mkdirSync(join(in_, 'b.yaml')), 'CONFIG_UNREADABLE', 'b.yaml'],
  [
    'a link to nowhere',
    (in_) => symlinkSync('gone', join(in_, 'b.yaml')),
    'CONFIG_UNREADABLE',
    'b.yaml',
  ],
]

describe('a policy folder', () => {
  for (const [what, breakIt, code, file] of broken) {
    it(`keeps the old set, raises one alarm, and recovers: ${what}`, async (t) => {
      const folder = newFolder(t)
      const { policies, alarms, allows } = await opened(t, folder)
      const before = policies.current()
      breakIt(folder)
      await policies.reload()
      await policies.reload()
      assert.equal(policies.current(), before)
      assert.ok(allows('sql.select'))
      assert.deepEqual(
        alarms.map((error) => [error.code, error.place?.file]),
        [[code, join(folder, file)]],
      )
      assert.equal(policies.problem()?.code, code)

      rmSync(join(folder, file), { recursive: true })
      writeFileSync(join(folder, 'a.yaml'), READ)
      await policies.reload()
      assert.equal(policies.problem(), undefined)
      assert.equal(policies.current(), before)
      writeFileSync(join(folder, 'a.yaml'), WRITE)
      await policies.reload()
      assert.equal(policies.problem(), undefined)
      assert.ok(allows('sql.update') && !allows('sql.select'))
      assert.equal(alarms.length, 1)
    })
  }

  it('keeps the old set while the folder is gone', async (t) => {
    const folder = newFolder(t)
    const { policies, alarms, allows } = await opened(t, folder)
    renameSync(folder, `${folder}-away`)
    await policies.reload()
    assert.deepEqual(
      alarms.map(({ code, place }) => [code, place?.file]),
      [['CONFIG_UNREADABLE', folder]],
    )
    assert.ok(allows('sql.select'))
    renameSync(`${folder}-away`, folder)
    await policies.reload()
    assert.equal(policies.problem(), undefined)
  })

  const isRoot = process.getuid?.() === 0
  it(
    'keeps the old set while a file may not be read',
    { skip: isRoot && 'root may read every file' },
    async (t) => {
      const folder = newFolder(t)
      const { policies, alarms, allows } = await opened(t, folder)
      chmodSync(join(folder, 'a.yaml'), 0)
      await policies.reload()
      assert.deepEqual(
        alarms.map(({ code, place }) => [code, place?.file]),
        [['CONFIG_UNREADABLE', join(folder, 'a.yaml')]],
      )
      assert.ok(allows('sql.select'))
    },
  )

  it('raises another alarm where something else is wrong', async (t) => {
    const folder = newFolder(t)
    const { policies, alarms } = await opened(t, folder)
    for (const name of ['b.yaml', 'c.yaml']) {
      mkdirSync(join(folder, name))
      await policies.reload()
      rmSync(join(folder, name), { recursive: true })
    }
    assert.deepEqual(
      alarms.map(({ place }) => place?.file),
      [join(folder, 'b.yaml'), join(folder, 'c.yaml')],
    )
  })

  it('takes a listener that fails for what it is, and goes on', async (t) => {
    const folder = newFolder(t)
    let told = 0
    const { policies, alarms, logged, allows } = await opened(t, folder, () => {
      told++
      throw new Error('out of order')
    })
    writeFileSync(join(folder, 'a.yaml'), WRITE)
    await policies.reload()
    assert.deepEqual([told, alarms, policies.problem()], [1, [], undefined])
    assert.deepEqual(logged, ['policy.listener-failed'])
    assert.ok(allows('sql.update'))
    writeFileSync(join(folder, 'a.yaml'), READ)
    await policies.reload()
    assert.ok(told === 2 && allows('sql.select'))
  })

  it('takes a link to a file, as a mounted volume has them, and passes over hidden ones', async (t) => {
    const folder = newFolder(t)
    mkdirSync(join(folder, '..data'))
    writeFileSync(join(folder, '..data', 'b.yaml'), WRITE.replace('name: p', 'name: q'))
    symlinkSync(join('..data', 'b.yaml'), join(folder, 'b.yaml'))
    writeFileSync(join(folder, '.c.yaml'), 'no policy')
    const { allows } = await opened(t, folder)
    assert.ok(allows('sql.update') && allows('sql.select'))
  })

  it('has a version by its bytes', async (t) => {
    const folder = newFolder(t)
    const { policies } = await opened(t, folder)
    const { version } = policies.current()
    writeFileSync(join(folder, 'a.yaml'), `\uFEFF${READ}`)
    await policies.reload()
    assert.equal(policies.problem(), undefined)
    assert.notEqual(policies.current().version, version)
  })

  it('that is not valid at the start is refused', async (t) => {
    const folder = newFolder(t)
    const gone = readPolicyFiles(join(folder, 'gone'))
    await assert.rejects(gone, { code: 'CONFIG_UNREADABLE' })
    writeFileSync(join(folder, 'a.yaml'), 'name: [')
    await assert.rejects(opened(t, folder), { code: 'POLICY_INVALID' })
  })
})
