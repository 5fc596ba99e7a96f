import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { readHttpRecords } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import type { HttpTarget } from '../support/http-target.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { until } from '../support/until.ts'

let home: string
let caFile: string
let target: HttpTarget
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'http-kill-'))
  const folder = join(home, 'target')
  const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  caFile = tls.authorityFile
  target = await startHttpTarget({
    certificate: readFileSync(tls.certificateFile, 'utf8'),
    key: readFileSync(tls.keyFile, 'utf8'),
  })
})
after(async () => {
  await target.close()
  await rm(home, { recursive: true, force: true })
})

const CLIENTS = 8

/** Where the kill falls among the requests is chance; how many were seen by then is not. */
for (const [round, seen] of [20, 137, 400].entries()) {
  test(`killed after ${seen} requests: the target saw none that is not recorded`, async () => {
    const folder = await mkdtemp(join(home, 'door-'))
    const program = join(import.meta.dirname, 'door-process.ts')
    const child = spawn(process.execPath, [program, folder, String(target.port), caFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const door = JSON.parse(line) as { port: number; caFile: string }
    const ca = readFileSync(door.caFile, 'utf8')
    const before = target.seen.length
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, (_, client) => ask(door.port, ca, `${round}-${client}`)),
    )
    await until('enough were seen', () => target.seen.length - before >= seen)
    child.kill('SIGKILL')
    await exited
    for (const stop of clients) stop()

    const recorded = new Set((await readHttpRecords(folder)).map(({ text }) => text))
    const unrecorded = target.seen
      .slice(before)
      .filter(({ method, url }) => !recorded.has(`${method} ${url}`))
    assert.deepEqual(unrecorded, [])
    assert.ok(recorded.size > seen / 2)
  })
}

/** Asks one thing after another, each under a path of its own, a few ahead. */
async function ask(port: number, ca: string, name: string): Promise<() => void> {
  const client = await openRawHttp({ port, ca })
  let sent = 0
  let answered = 0
  const more = (): void => {
    for (; sent < answered + 3; sent++) client.say(request(`GET /allow/${name}-${sent}`))
  }
  client.socket.on('data', (chunk: Buffer) => {
    answered += chunk.toString('latin1').split('HTTP/1.1 200').length - 1
    more()
  })
  more()
  return () => client.destroy()
}
