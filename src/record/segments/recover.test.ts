import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { livePath } from './layout.ts'
import { recover } from './recover.ts'

function folder(context: { after(run: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'recover-'))
  context.after(() => rmSync(path, { recursive: true }))
  mkdirSync(join(path, 'live'))
  return path
}

const IDS = [1, 2, 3].map((n) => `01939b8e-0000-7000-8000-00000000000${n}`)

test('live files in which nothing was written are removed, others wait to be sealed', (context) => {
  const path = folder(context)
  const [empty, torn, written] = IDS as [string, string, string]
  writeFileSync(livePath(path, empty), '')
  writeFileSync(livePath(path, torn), '{"half a line":')
  writeFileSync(livePath(path, written), '{"a line":1}\n{"and a half":')
  assert.deepEqual(recover(path).unsealed, [written])
  assert.deepEqual(readdirSync(join(path, 'live')), [`${written}.live.jsonl`])
})
