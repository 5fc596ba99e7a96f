import { ChaperoneError } from '../../../core/errors.ts'
import { NO_OBLIGATIONS } from '../../../core/verdict.ts'
import type { Recorder } from '../../../record/lines/trail.ts'
import type { GovernedSession } from '../../../session/governed.ts'
import { unread } from '../../../session/operations.ts'
import type { Part, Share } from '../../../session/shares.ts'
import { Gathered } from '../../../wire/gathered.ts'
import type { TargetCall } from '../api.ts'
import type { WireAnswer } from '../codec/wire-answer.ts'
import { memoryUsedUp, targetViolation } from '../failure.ts'
import type { HeaderList } from '../head.ts'
import { PREVIEW_ANSWER_BYTES_MAX } from '../limits.ts'
import type { TargetConnection } from './connection.ts'
import type { HttpEndpoint } from './endpoint.ts'
import { headText } from './outgoing.ts'

type Answer = Awaited<ReturnType<TargetCall>>

export interface CallParts {
  readonly endpoint: HttpEndpoint
  readonly session: GovernedSession
  readonly recorder: Pick<Recorder, 'afterCommit'>
  /** What the held request holds of its agent's memory: the answer, too, until it is shown. */
  readonly memory: Share
  readonly now_ms: () => number
}

/** Requests of the gateway's own, for previews: recorded before they go, as everything is. */
export function createTargetCall(parts: CallParts): TargetCall {
  return async (request) => {
    const { endpoint, session, now_ms } = parts
    const began_ms = now_ms()
    const memory = parts.memory.part()
    const operationId = await recorded(parts, `${request.method} ${request.target}`)
    try {
      const { method, target, body, idHeader } = request
      const length: HeaderList = body === undefined ? [] : [['content-length', String(body.length)]]
      const id: HeaderList = idHeader === undefined ? [] : [[idHeader, operationId]]
      const headers = [...request.headers, ...id, ...length]
      const head = { method, target, host: endpoint.targetHost, headers }
      const text = headText(head, await endpoint.authority.headers(head))
      const connection = endpoint.pool.take(body === undefined) ?? (await endpoint.pool.connect())
      const answer = await ask(connection, { method, head: text, body }, memory)
      endpoint.pool.release(connection)
      const failed = answer.status >= STATUS_ERROR
      session.trail.outcome(operationId, {
        at_ms: now_ms(),
        duration_ms: Math.max(0, now_ms() - began_ms),
        result: failed ? 'error' : 'success',
        bytes: answer.body.length,
        ...(failed ? { error: String(answer.status) } : {}),
      })
      return answer
    } catch (error) {
      session.trail.outcome(operationId, {
        at_ms: now_ms(),
        duration_ms: Math.max(0, now_ms() - began_ms),
        result: 'lost',
        error: error instanceof ChaperoneError ? error.code : 'INTERNAL',
      })
      throw error
    } finally {
      memory.set(0)
    }
  }
}

const STATUS_ERROR = 400

function recorded({ session, recorder, now_ms }: CallParts, text: string): Promise<string> {
  const operationId = session.trail.intent({
    at_ms: now_ms(),
    phase: 'run',
    operation: { ...unread({ code: 'APPROVAL_PENDING', message: '', hint: '' }), kind: 'PREVIEW' },
    text,
    verdict: {
      effect: 'allow',
      obligations: NO_OBLIGATIONS,
      policyVersion: session.policyVersion,
      reasons: [],
      keeps: 'moment',
    },
  })
  return new Promise((resolve, reject) => {
    recorder.afterCommit({ committed: () => resolve(operationId), failed: reject })
  })
}

interface Question {
  readonly method: string
  readonly head: string
  readonly body: Buffer | undefined
}

function ask(
  connection: TargetConnection,
  { method, head, body }: Question,
  memory: Part,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: WireAnswer | undefined
    const received = new Gathered()
    let early = false
    connection.begin(method, {
      answer(wire) {
        if (wire.head.status === SWITCHING) throw targetViolation('it changes the protocol')
        early = body !== undefined && connection.socket.writableLength > 0
        answer = wire
      },
      body(slice) {
        if (received.length + slice.length > PREVIEW_ANSWER_BYTES_MAX) {
          throw targetViolation('its preview is too large')
        }
        const growth = received.growthFor(slice.length)
        if (growth > 0 && !memory.set(received.held + growth)) throw memoryUsedUp()
        received.add(slice)
      },
      end() {
        const { status, headers } = answer!.head
        // It did not read the whole request: nobody could tell where the next begins.
        if (early) connection.abandon()
        resolve({ status, headers, body: received.bytes })
      },
      broken: reject,
    })
    connection.socket.write(head, 'latin1')
    if (body !== undefined) connection.socket.write(body)
  })
}

const SWITCHING = 101
