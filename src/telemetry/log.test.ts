import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogOptions } from './log.ts'
import { createLog } from './log.ts'

function logged(options: Partial<LogOptions>) {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    format: 'json',
    clock: { now_ms: () => 0 },
    write: (line) => lines.push(line),
    ...options,
  })
  return { log, lines }
}

describe('createLog', () => {
  it('writes one JSON line for each event', () => {
    const { log, lines } = logged({})
    log.info('session-opened', { agent: 'etl', rows: 3, ok: true, nothing: undefined })
    assert.deepEqual(lines, [
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"session-opened","agent":"etl","rows":3,"ok":true}\n',
    ])
  })

  it('leaves out what is below the level', () => {
    const { log, lines } = logged({ level: 'warn' })
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event)
    assert.deepEqual(events, ['c', 'd'])
  })

  for (const format of ['json', 'text'] as const) {
    it(`cannot be made to forge a line or drive a terminal (${format})`, () => {
      const { log, lines } = logged({ format })
      log.warn('bad\nevent', { 'a\r\nb': 'x\n2026 INFO fine\u001b[2J\u009b1m\u2028\u202e' })
      assert.equal(lines.length, 1)
      assert.match(lines[0]!, /\n$/)
      assert.doesNotMatch(lines[0]!.slice(0, -1), /[\p{Cc}\u2028\u202e]/u)
    })
  }

  it('does not let a field stand in for time, level or event', () => {
    const { log, lines } = logged({})
    log.error('real', { level: 'info', event: 'false' })
    const line = JSON.parse(lines[0]!) as Record<string, string>
    assert.equal(line['level'], 'error')
    assert.equal(line['event'], 'real')
  })

  it('writes text for people, with colour only when told', () => {
    const plain = logged({ format: 'text' })
    plain.log.warn('slow', { resource: 'sales-db', note: 'a "b" c' })
    assert.equal(
      plain.lines[0],
      '1970-01-01T00:00:00.000Z WARN  slow resource=sales-db note="a \\"b\\" c"\n',
    )
    const coloured = logged({ format: 'text', colour: true })
    coloured.log.warn('slow')
    assert.ok(coloured.lines[0]?.includes('\u001b[33mWARN \u001b[0m'))
  })

  it('never throws', () => {
    let attempts = 0
    const write = () => {
      attempts++
      throw new Error('full')
    }
    logged({ write }).log.error('a')
    assert.equal(attempts, 1)
    const strange = logged({ clock: { now_ms: () => Number.NaN } })
    strange.log.error('a')
    assert.equal(strange.lines.length, 0)
  })

  it('cuts long values', () => {
    const { log, lines } = logged({})
    log.info('a', { text: 'x'.repeat(100_000) })
    assert.ok(lines[0]!.length < 2200)
  })
})
