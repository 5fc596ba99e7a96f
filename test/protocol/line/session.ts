import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Code } from '../../../src/core/codes.ts'
import type { Denial } from '../../../src/core/denial.ts'
import type { ChaperoneError } from '../../../src/core/errors.ts'
import type { Operation } from '../../../src/core/operation.ts'
import type { Principal } from '../../../src/core/principal.ts'
import type { Resource } from '../../../src/core/resource.ts'
import type { HoldVerdict } from '../../../src/core/verdict.ts'
import type { MaskKeys } from '../../../src/mask/maskers.ts'
import { createMasker } from '../../../src/mask/maskers.ts'
import { approvalDenial } from '../../../src/session/approval-words.ts'
import { endOfChange } from '../../../src/session/change.ts'
import type { GovernedSession, Judgement, SessionHost } from '../../../src/session/governed.ts'
import { openGovernedSession } from '../../../src/session/governed.ts'
import { approvalDigest, Hold } from '../../../src/session/hold.ts'
import type { Begun } from '../../../src/session/operations.ts'
import { unread, writeIntent, writeOutcome, writeRefused } from '../../../src/session/operations.ts'
import type { Gated } from '../../../src/session/outbox.ts'
import { Outbox } from '../../../src/session/outbox.ts'

/**
 * A protocol of lines, to show what a protocol has to bring to be governed:
 *
 *     client: READ table column,column       target: ROW value|value … then DONE, or ERROR words
 *     client: DROP table                     gateway, in the target's place: REFUSED code words
 *
 * One line is under way at a time; the next waits in the socket's buffer.
 */
export interface LineDoor {
  readonly host: SessionHost
  readonly keys: MaskKeys
}

const LINE_BYTES_MAX = 1024

/** What a line asks for; a code where it cannot be read. */
type Read = { readonly operation: Operation } | { readonly denial: Denial }

function read(line: string): Read {
  const [verb, table, list, ...more] = line.split(' ')
  if (verb === 'READ' && table && list && more.length === 0) {
    return { operation: operationOf(line, 'sql.select', table, list.split(',')) }
  }
  if (verb === 'DROP' && table && list === undefined) {
    return { operation: operationOf(line, 'sql.ddl', table, []) }
  }
  return {
    denial: {
      code: 'REQUEST_UNSUPPORTED',
      message: 'The line cannot be read.',
      hint: 'Send READ table column,column or DROP table.',
    },
  }
}

function operationOf(
  line: string,
  action: string,
  table: string,
  columns: readonly string[],
): Operation {
  const object = ['db', table]
  const outputs = columns.map((name) => {
    return { name, sources: [{ column: [...object, name], exact: true }] }
  })
  return {
    kind: action,
    fingerprint: createHash('sha256').update(line).digest('hex'),
    accesses: [{ action, object, grant: 'required', parts: columns }],
    predicates: [],
    results: [columns.length > 0 ? outputs : 'none'],
    facts: { statements: 1, readOnly: columns.length > 0, hasWhere: false },
  }
}

/** A line on its way: what goes to the target, and what its answer is to be met with. */
interface Run extends Gated {
  readonly begun: Begun
  readonly operation: Operation
  readonly text: string
  judgement: Judgement
  rows: number
}

/** Serves one agent's connection, which is signed in, to its end. */
export function serveLines(
  { host, keys }: LineDoor,
  { principal, resource }: { readonly principal: Principal; readonly resource: Resource },
  client: Socket,
  target: Socket,
): GovernedSession {
  let ended = false
  let waiting: { readonly hold: Hold; readonly run: Run } | undefined
  let running: Run | undefined
  let fromClient = ''
  let fromTarget = ''

  const session = openGovernedSession(
    host,
    {
      principal,
      resource,
      protocol: 'postgres',
      clientAddress: client.remoteAddress ?? '',
      life: { max_ms: 3_600_000, idle_ms: 60_000, bindToToken: true },
    },
    {
      end,
      *judgeAgain() {
        if (waiting !== undefined) waiting.hold.meet(judge(waiting.run).verdict)
        if (running === undefined) return
        const { operation, judgement } = running
        const why = endOfChange(operation, judgement.verdict, judge(running).verdict)
        yield why === undefined ? undefined : end(why.code, why.message)
      },
    },
  )
  const outbox = new Outbox<Run>(host.recorder, {
    release(runs) {
      for (const run of runs) {
        running = run
        target.write(run.bytes)
      }
    },
    refuse(runs, error) {
      for (const run of runs) over(run, 'refused', error.code)
      refuse(asDenial(error))
    },
  })

  session.trail.opened({})
  client.on('data', (chunk) => {
    fromClient += chunk.toString('latin1')
    if (fromClient.length > LINE_BYTES_MAX) end('PROTOCOL_VIOLATION', 'The line is too long.')
    next()
  })
  target.on('data', (chunk) => {
    fromTarget += chunk.toString('latin1')
    const lines = fromTarget.split('\n')
    fromTarget = lines.pop()!
    for (const line of lines) answer(line)
  })
  client.on('close', () => end())
  target.on('close', () => end('TARGET_LOST', 'The target has closed the connection.'))
  return session

  function judge({ operation, text }: Pick<Run, 'operation' | 'text'>): Judgement {
    return session.judge(operation, text)
  }

  /** Takes the next line, where none is under way. */
  function next(): void {
    const at = fromClient.indexOf('\n')
    if (ended || at < 0 || running !== undefined || waiting !== undefined || !outbox.clear) return
    const text = fromClient.slice(0, at)
    fromClient = fromClient.slice(at + 1)
    session.touch()
    const used = session.unrecordable(text.length)
    const asked = read(text)
    if (used !== undefined) refuse(used)
    else if ('denial' in asked) refuseLine(unread(asked.denial), text, asked.denial)
    else consider(asked.operation, text)
  }

  function consider(operation: Operation, text: string): void {
    const judgement = judge({ operation, text })
    const { verdict } = judgement
    if (verdict.effect === 'deny') return refuseLine(operation, text, verdict.denial, judgement)
    const begun = writeIntent(session, { operation, text, verdict }, host.clock.now_ms())
    const bytes = Buffer.from(`${text}\n`, 'latin1')
    const run: Run = { begun, operation, text, judgement, bytes, gated: true, rows: 0 }
    session.busy(1)
    if (verdict.effect === 'hold') hold(run, verdict)
    else send(run)
  }

  function send(run: Run): void {
    outbox.add(run)
    outbox.flush()
  }

  function hold(run: Run, verdict: HoldVerdict): void {
    const { begun, operation, text, bytes } = run
    const digest = approvalDigest(session, [bytes])
    const held = new Hold({ session, approvals: host.approvals }, { begun, verdict }, settled)
    waiting = { hold: held, run }
    // People are asked once the intent is written.
    host.recorder.afterCommit({
      committed: () => void held.ask({ operation, text, digest }),
      failed: (error) => held.settle(error),
    })

    function settled(): void {
      // Policies may have changed since people agreed.
      run.judgement = judge(run)
      held.meet(run.judgement.verdict)
      waiting = undefined
      if (held.approved && !ended) return send(run)
      const denial = approvalDenial(held.refusal ?? { type: 'withdrawn' })
      over(run, 'refused', denial.code)
      if (held.superseded && !ended) consider(operation, text)
      else refuse(denial)
    }
  }

  function answer(line: string): void {
    const run = running
    if (run === undefined) return end('TARGET_PROTOCOL', 'The target says what nobody asked for.')
    if (line.startsWith('ROW ')) {
      run.rows++
      client.write(`ROW ${masked(line.slice(4).split('|'), run).join('|')}\n`, 'latin1')
      return
    }
    const failed = line.startsWith('ERROR')
    over(run, failed ? 'error' : 'success', failed ? line : undefined)
    // What a target says of an error may hold values: masks or not, its words stay here.
    client.write(failed ? 'ERROR\n' : `${line}\n`)
    next()
  }

  function masked(values: readonly string[], { judgement }: Run): string[] {
    const plan = judgement.plans[0]
    return values.map((value, at) => {
      const column = plan === undefined ? 'pass' : (plan.columns[at] ?? plan.unplanned)
      if (column === 'pass') return value
      // A value that only detectors look at is hidden whole: a line has no room for more.
      const spec = column.type === 'masked' ? column.with : ({ name: 'redact' } as const)
      return createMasker(spec, 'text', keys)(value) ?? ''
    })
  }

  function refuseLine(op: Operation, text: string, denial: Denial, judged?: Judgement): void {
    const refused = { operation: op, text, denial, verdict: judged?.verdict }
    writeRefused(session, refused, host.clock.now_ms())
    refuse(denial)
  }

  function refuse({ code, message }: Denial): void {
    if (!ended) client.write(`REFUSED ${code} ${message}\n`)
    next()
  }

  function over(run: Run, result: 'success' | 'error' | 'refused' | 'lost', error?: string): void {
    running = undefined
    session.busy(-1)
    const ending = { result, rows: run.rows, ...(error === undefined ? {} : { error }) }
    writeOutcome(session, run.begun, ending, host.clock.now_ms())
  }

  function end(code?: Code, message = ''): void {
    if (ended) return
    ended = true
    if (code !== undefined) client.write(`REFUSED ${code} ${message}\n`)
    waiting?.hold.withdraw('withdrawn')
    if (running !== undefined) over(running, 'lost', code)
    for (const run of outbox.abandon()) over(run, 'refused', code)
    client.end()
    target.end()
    session.close(code === undefined ? {} : { code, message })
  }
}

function asDenial({ code, message, hint }: ChaperoneError): Denial {
  return { code, message, hint: hint ?? 'Try again later.' }
}
