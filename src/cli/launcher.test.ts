import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

it('bin/chaperone runs through links and from any folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bin-'))
  symlinkSync(fileURLToPath(new URL('../../bin/chaperone', import.meta.url)), join(folder, 'one'))
  symlinkSync('one', join(folder, 'two'))
  const out = execFileSync(join(folder, 'two'), ['--help'], { cwd: folder, encoding: 'utf8' })
  assert.match(out, /^Usage: chaperone/)
})
