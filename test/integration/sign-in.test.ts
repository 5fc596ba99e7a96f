import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Io } from '../../src/cli/common/io.ts'
import { run } from '../../src/cli/program.ts'
import { systemClock } from '../../src/core/clock.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { AUDIENCE } from '../world/config.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const skip = noPostgres()
const POLICY = `
name: etl
subjects: { agents: [etl-*] }
rules: [{ id: read, allow: { actions: [sql.select] } }]
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({ policies: { 'etl.yaml': POLICY }, schema: 'SELECT 1' })
  bench.entra.addApi({ uri: AUDIENCE, clientId: AUDIENCE, version: 2 })
})
after(() => bench?.stop())

test('a person signs in by device code, is somebody, and signs out', { skip }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-cli-'))
  context.after(() => rm(folder, { recursive: true }))
  const told = { out: '', err: '' }
  const io: Io = {
    out: { write: (text) => void (told.out += text), colour: false },
    err: { write: (text) => void (told.err += text), colour: false },
    environment: {
      CHAPERONE_API: `https://127.0.0.1:${bench.gateway.apiPort}`,
      CHAPERONE_CA: bench.gateway.authorityFile,
    },
    folder,
    clock: systemClock,
    readInput: () => Promise.resolve(''),
    ask: undefined,
    // The person types the code while the CLI waits.
    async sleep() {
      const code = /type (\w+)/.exec(told.err)?.[1] ?? ''
      const body = new URLSearchParams({ user_code: code, user: 'Ada Admin' })
      await fetch(`${bench.entra.url}/devicelogin`, { method: 'POST', body })
    },
  }
  assert.equal(await run(['login'], io), 0, told.err)
  assert.match(told.out, /^Signed in as /)
  told.out = ''
  assert.equal(await run(['--json', 'whoami'], io), 0, told.err)
  assert.deepEqual((JSON.parse(told.out) as { roles: string[] }).roles, ['admin'])
  assert.equal(await run(['agents', 'list'], io), 0, told.err)
  assert.match(told.out, /etl-1/)
  assert.equal(await run(['logout'], io), 0)
  assert.equal(await run(['whoami'], io), 1)
})

test(
  "an auditor may look and not touch, and an agent's token opens no human door",
  { skip },
  async () => {
    await bench.chaperone('auditor', 'sessions', 'list')
    await assert.rejects(
      bench.chaperone('auditor', 'agents', 'revoke', 'etl-1', '--reason', 'no'),
      /HUMAN_ROLE_MISSING/,
    )
    const token = await bench.token()
    let err = ''
    const code = await run(['agents', 'list'], {
      out: { write: () => {}, colour: false },
      err: { write: (text) => void (err += text), colour: false },
      environment: {
        CHAPERONE_API: `https://127.0.0.1:${bench.gateway.apiPort}`,
        CHAPERONE_CA: bench.gateway.authorityFile,
        CHAPERONE_TOKEN: token,
      },
      folder: bench.folder,
      clock: systemClock,
      readInput: () => Promise.resolve(''),
      ask: undefined,
      sleep: () => Promise.resolve(),
    })
    assert.equal(code, 1)
    assert.match(err, /TOKEN_NOT_HUMAN/)
  },
)
