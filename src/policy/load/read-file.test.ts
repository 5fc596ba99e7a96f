import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FILE_BYTES_MAX } from '../limits.ts'
import { readPolicyFile } from './read-file.ts'

test('a policy file is read byte by byte, up to the largest', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-read-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'p.yaml')
  const link = join(folder, 'link.yaml')
  symlinkSync(file, link)
  for (const size of [0, 1, 4096, FILE_BYTES_MAX - 1, FILE_BYTES_MAX]) {
    writeFileSync(file, 'x'.repeat(size))
    for (const path of [file, link]) {
      const read = await readPolicyFile(path)
      assert.equal(read.text.length, size)
      assert.equal(read.file, path)
    }
  }
  for (const size of [FILE_BYTES_MAX + 1, 2 * FILE_BYTES_MAX]) {
    writeFileSync(file, 'x'.repeat(size))
    await assert.rejects(readPolicyFile(file), { code: 'POLICY_INVALID' })
  }
  writeFileSync(file, '\ufeff# é')
  assert.equal((await readPolicyFile(file)).text, '\ufeff# é', 'what is hashed is what is there')
  await assert.rejects(readPolicyFile(folder), { code: 'CONFIG_UNREADABLE' })
  await assert.rejects(readPolicyFile(join(folder, 'none')), { code: 'CONFIG_UNREADABLE' })
})
