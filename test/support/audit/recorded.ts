import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { newId } from '../../../src/core/ids.ts'
import { silentLog } from '../../../src/core/log.ts'
import type { Operation } from '../../../src/core/operation.ts'
import type { Verdict } from '../../../src/core/verdict.ts'
import type { Note, Outcome, Recorder, Trail } from '../../../src/record/lines/trail.ts'
import { openRecorder } from '../../../src/record/recorder.ts'
import { ALLOW, intent, operation, sessionFacts, START_MS } from '../record/facts.ts'

/** A records folder that the real recorder writes, with a clock that the test moves. */
export interface Recorded {
  readonly folder: string
  readonly clock: { now_ms(): number }
  readonly recorder: Recorder
  pass(ms: number): void
  open(agent: string, resource?: string): Session
  note(note: Omit<Note, 'at_ms'>): void
  /** Resolves when all is in the files. */
  written(): Promise<void>
  /** Resolves when all is in sealed files. */
  seal(): Promise<void>
}

export interface Session {
  readonly id: string
  readonly trail: Trail
  run(text: string, verdict?: Verdict, on?: Partial<Operation>): string
  end(operation: string, outcome?: Partial<Outcome>): void
}

/** `rotate_ms`: how long a segment is written to. */
export function recorded(t: TestContext, rotate_ms = 3_600_000): Recorded {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-audit-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  let now_ms = START_MS
  const clock = { now_ms: () => now_ms, steady_ms: () => now_ms }
  const recorder = openRecorder({
    folder,
    clock,
    log: silentLog,
    gatewayVersion: '0.0.0',
    freeBytesMin: 0,
    segmentAge_ms: rotate_ms,
  })
  t.after(() => recorder.close())

  function open(agent: string, resource = 'sales-db'): Session {
    const facts = sessionFacts()
    const id = newId(now_ms)
    const trail = recorder.openTrail({
      ...facts,
      id,
      principal: { ...facts.principal, agent: { ...facts.principal.agent, name: agent } },
      resource: { ...facts.resource, name: resource },
      startedAt_ms: now_ms,
    })
    trail.opened({})
    return {
      id,
      trail,
      run: (text, verdict = ALLOW, on = {}) =>
        trail.intent(intent({ at_ms: now_ms, text, verdict, operation: operation(on) })),
      end: (operationId, outcome = {}) =>
        trail.outcome(operationId, {
          at_ms: now_ms,
          result: 'success',
          duration_ms: 1.5,
          rows: 3,
          ...outcome,
        }),
    }
  }

  return {
    folder,
    clock,
    recorder,
    pass: (ms) => void (now_ms += ms),
    open,
    note: (note) => recorder.note({ ...note, at_ms: now_ms }),
    written: () => new Promise((committed, failed) => recorder.afterCommit({ committed, failed })),
    seal: () => recorder.close(),
  }
}
