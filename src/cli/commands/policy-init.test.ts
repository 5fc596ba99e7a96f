import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runWith } from '../../../test/support/cli/gateway.ts'

const temporary = () => mkdtempSync(join(tmpdir(), 'init-'))

describe('policy init', () => {
  it('lists what there is', async () => {
    const ran = await runWith(['policy', 'init'])
    assert.match(ran.out, /^analyst +reads a PostgreSQL database/m)
    assert.equal(ran.code, 0)
    const asJson = await runWith(['policy', 'init', '--json'])
    const { items } = JSON.parse(asJson.out) as { items: { name: string }[] }
    assert.ok(items.some(({ name }) => name === 'no-secrets'))
  })

  it('copies each one, with cases that pass', async () => {
    const { out } = await runWith(['policy', 'init', '--json'])
    const { items } = JSON.parse(out) as { items: { name: string }[] }
    for (const { name } of items) {
      const folder = join(temporary(), 'new', 'policies')
      const ran = await runWith(['policy', 'init', name, '--folder', folder])
      assert.equal(ran.code, 0, ran.err)
      assert.deepEqual(readdirSync(folder).sort(), [`${name}.yaml`, 'cases'].sort())
      assert.equal((await runWith(['policy', 'check', '--strict', folder])).code, 0)
      const cases = join(folder, 'cases', `${name}.yaml`)
      const tested = await runWith(['policy', 'test', folder, cases])
      assert.equal(tested.code, 0, tested.out)
      assert.ok(ran.out.includes(`policy test ${folder} ${cases}`))
    }
  })

  it('overwrites nothing, and then writes nothing', async () => {
    const folder = temporary()
    writeFileSync(join(folder, 'analyst.yaml'), 'mine')
    const ran = await runWith(['policy', 'init', 'analyst', '--folder', folder])
    assert.match(
      ran.err,
      /^REQUEST_INVALID: There is such a file already\.\n {2}at: .*analyst\.yaml/,
    )
    assert.equal(ran.code, 2)
    assert.equal(readFileSync(join(folder, 'analyst.yaml'), 'utf8'), 'mine')
    assert.equal(existsSync(join(folder, 'cases')), false)
  })

  it('follows no link to write elsewhere', async () => {
    const folder = temporary()
    const elsewhere = join(temporary(), 'target.yaml')
    symlinkSync(elsewhere, join(folder, 'analyst.yaml'))
    const ran = await runWith(['policy', 'init', 'analyst', '--folder', folder])
    assert.match(ran.err, /^REQUEST_INVALID/)
    assert.equal(existsSync(elsewhere), false)
  })

  it('knows its own policies only', async () => {
    const folder = temporary()
    const near = await runWith(['policy', 'init', 'analist', '--folder', folder])
    assert.match(near.err, /^REQUEST_INVALID: .*\n {2}hint: Did you mean analyst\?/)
    assert.equal(near.code, 2)
    for (const name of ['cases/analyst', '../package', '/etc/passwd']) {
      const ran = await runWith(['policy', 'init', name, '--folder', folder])
      assert.match(ran.err, /^REQUEST_INVALID: There is no policy/)
    }
    assert.deepEqual(readdirSync(folder), [])
  })

  it('says where it cannot write', async () => {
    const file = join(temporary(), 'file')
    writeFileSync(file, '')
    const ran = await runWith(['policy', 'init', 'analyst', '--folder', file])
    assert.match(ran.err, /^REQUEST_INVALID: The file cannot be written/)
    assert.equal(ran.code, 2)
  })
})
