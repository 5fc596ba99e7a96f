import type { Code } from '../core/codes.ts'
import type { Denial } from '../core/denial.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Operation } from '../core/operation.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Outcome } from '../record/trail.ts'
import type { Judgement, SessionHost } from '../session/governed.ts'
import type { ApiRequest, LocalAnswer, RequestContext } from './api.ts'
import type { ClientSide, ClientSink } from './client-side.ts'
import type { CollectBudget, Collector } from './collector.ts'
import { createCollector, overBound } from './collector.ts'
import type { Deadlines } from './deadlines.ts'
import { unsupported } from './failure.ts'
import type { Result } from './forwarding.ts'
import { Forwarding } from './forwarding.ts'
import type { HeaderList, RequestHead } from './head.ts'
import type { HttpSession, Ongoing } from './http-session.ts'
import { plainRefusal, sayLocally } from './local-answer.ts'
import { requestHead } from './request-head.ts'
import type { Route, Router } from './routing.ts'
import type { HttpSessions } from './sessions.ts'
import { refusedVerdict, unread } from './unread.ts'
import type { WireRequest } from './wire-request.ts'
import { valueOf } from './wire-request.ts'

/** What every request of the door needs. */
export interface ExchangeHost {
  readonly host: SessionHost
  readonly log: Log
  readonly router: Router
  readonly sessions: HttpSessions
  readonly deadlines: Deadlines
  readonly budget: CollectBudget
  /** Counts and records what is refused before there is a session. */
  refused(error: ChaperoneError, attempt: RefusedAttempt): void
  readonly stopping: () => boolean
}

export interface RefusedAttempt {
  readonly clientAddress: string
  readonly resource?: string
  readonly agent?: string
}

/** An operation whose intent is written. */
interface Running {
  readonly operationId: string
  readonly request: ApiRequest<unknown>
  judgement: Judgement
  readonly began_ms: number
}

/**
 * One request, from its head to the end of its answer: route, identify, read, judge, record, and
 * then hold, refuse or forward.
 */
export class Exchange implements ClientSink, Ongoing {
  readonly #host: ExchangeHost
  readonly #client: ClientSide
  readonly #wire: WireRequest
  #route: Route | undefined
  #head: RequestHead | undefined
  #session: HttpSession | undefined
  #running: Running | undefined
  #collector: Collector | undefined
  #collected: ((body: Buffer) => void) | undefined
  #forwarding: Forwarding | undefined
  #bytesIn = 0
  #over = false

  constructor(host: ExchangeHost, client: ClientSide, wire: WireRequest) {
    this.#host = host
    this.#client = client
    this.#wire = wire
  }

  start(): void {
    try {
      if (this.#host.stopping()) throw stopping()
      const { authority, target, headers } = this.#wire
      this.#route = this.#host.router(authority, target)
      const { endpoint } = this.#route
      const fault = this.#readHead(this.#route)
      const found = this.#host.sessions.find(headers.authorization, endpoint, {
        clientAddress: this.#client.address,
        client: valueOf(headers.forward, 'user-agent'),
      })
      if (found instanceof Promise) {
        found.then((session) => this.#admitted(session, fault)).catch(this.#unadmitted)
      } else {
        this.#admitted(found, fault)
      }
    } catch (error) {
      this.#unadmitted(error)
    }
  }

  /** What is wrong with the path is told once it is known who asks, so that it is recorded. */
  #readHead(route: Route): ChaperoneError | undefined {
    try {
      this.#head = requestHead(this.#wire, route)
      return undefined
    } catch (error) {
      return asChaperoneError(error, 'INTERNAL', 'The path cannot be read.')
    }
  }

  readonly #unadmitted = (caught: unknown): void => {
    if (this.#over) return
    const error = asChaperoneError(caught, 'INTERNAL', 'The request could not be admitted.')
    const resource = this.#route?.endpoint.resource.name
    this.#host.refused(error, {
      clientAddress: this.#client.address,
      ...(resource === undefined ? {} : { resource }),
    })
    this.#say(this.#refusal(error))
  }

  #admitted(session: HttpSession, fault: ChaperoneError | undefined): void {
    if (this.#over) return
    this.#session = session
    session.ongoing.add(this)
    session.governed.busy(1)
    if (session.ended) this.end('SESSION_REVOKED', 'The session was revoked.')
    else if (fault !== undefined) this.#refuseUnread(fault)
    else this.#read(undefined)
  }

  // Reading and judging

  #read(body: Buffer | undefined): void {
    const { api } = this.#route!.endpoint
    let reading: ReturnType<typeof api.read>
    try {
      reading = api.read(this.#head!, body, this.#asker())
    } catch (error) {
      this.#refuseUnread(asChaperoneError(error, 'INTERNAL', 'The request could not be read.'))
      return
    }
    switch (reading.type) {
      case 'request':
        this.#judge(reading.request, body)
        break
      case 'body':
        if (body !== undefined) this.#refuseUnread(unreadable())
        else this.#collect(reading.bytesMax, (whole) => this.#read(whole))
        break
      case 'refused':
        this.#refuseUnread(reading.denial)
        break
      case 'local':
        this.#say(reading.answer)
        break
    }
  }

  #asker(): { readonly agent: string; readonly sessionId: string } {
    const { id, principal } = this.#session!.governed
    return { agent: principal.agent.name, sessionId: id }
  }

  #collect(bytesMax: number, then: (body: Buffer) => void): void {
    const { bodyLength } = this.#head!
    if (bodyLength !== 'unknown' && bodyLength > bytesMax) {
      this.#refuseUnread(overBound(bytesMax))
      return
    }
    if (this.#client.bodyDone) {
      then(Buffer.alloc(0))
      return
    }
    this.#collector = createCollector(bytesMax, this.#host.budget)
    this.#collected = then
    this.#client.receive()
  }

  #judge(request: ApiRequest<unknown>, body: Buffer | undefined): void {
    const { governed } = this.#session!
    const judgement = governed.judge(request.operation, request.text)
    const { verdict } = judgement
    if (verdict.effect === 'deny') {
      this.#deny(request.operation, request.text, verdict.denial, verdict)
      return
    }
    const problem = this.#upgradeProblem()
    if (problem !== undefined) {
      this.#deny(request.operation, request.text, problem)
      return
    }
    governed.meter.operation(verdict.effect)
    const operationId = governed.trail.intent({
      at_ms: this.#now_ms(),
      phase: 'run',
      operation: request.operation,
      text: request.operation.textWithoutSecrets ?? request.text,
      verdict,
    })
    const running = { operationId, request, judgement, began_ms: this.#now_ms() }
    this.#running = running
    this.#host.host.recorder.afterCommit({
      committed: () => {
        if (this.#over) return
        if (verdict.effect === 'hold') this.#hold(running, body)
        else this.#forward(running, body)
      },
      failed: (error) => this.#refuseRunning(error, 'refused'),
    })
  }

  #upgradeProblem(): ChaperoneError | undefined {
    const { upgrade } = this.#head!
    if (upgrade === undefined) return undefined
    return unsupported('This request cannot change the protocol.', 'Ask without an upgrade.')
  }

  #hold(running: Running, _body: Buffer | undefined): void {
    void running
    this.#refuseRunning(
      new ChaperoneError('APPROVAL_UNAVAILABLE', 'Holds over HTTP are not there yet.'),
      'refused',
    )
  }

  // Forwarding

  #forward(running: Running, body: Buffer | undefined): void {
    const { endpoint } = this.#route!
    const { request, judgement } = running
    const forwarding = new Forwarding(
      {
        client: this.#client,
        endpoint,
        request,
        judgement,
        body,
        context: this.#context(running),
        answerHeaders: this.#answerHeaders(),
      },
      {
        done: (result) => this.#done(result),
        refused: (refusal, status) => this.#refusedAnswer(refusal, status),
        cut: (error, result) =>
          this.#finish({ ...facts(result), result: 'lost', error: error.code }),
      },
    )
    this.#forwarding = forwarding
    forwarding.start()
  }

  #context({ operationId }: Running): RequestContext {
    return { ...this.#asker(), operationId, head: this.#head! }
  }

  #answerHeaders(): HeaderList {
    return [['chaperone-session', this.#session!.governed.id]]
  }

  #done(result: Result): void {
    const failed = result.status >= STATUS_ERROR
    this.#finish({
      ...facts(result),
      result: failed ? 'error' : 'success',
      ...(failed ? { error: String(result.status) } : {}),
    })
  }

  /** The target may have done it, or may never have been asked. */
  #refusedAnswer(refusal: Denial | ChaperoneError, status: number | undefined): void {
    const lost = status === undefined && this.#forwarding?.sent === true
    this.#refuseRunning(refusal, lost ? 'lost' : 'error')
  }

  // Refusing

  /** What was not read as an operation. */
  #refuseUnread(refusal: Denial | ChaperoneError): void {
    const denial = asDenial(refusal)
    const text = `${this.#wire.method} ${this.#head?.path ?? this.#wire.target}`
    this.#deny(unread(denial), text, denial)
  }

  #deny(
    operation: Operation,
    text: string,
    refusal: Denial | ChaperoneError,
    verdict?: Verdict,
  ): void {
    const { governed } = this.#session!
    const denial = asDenial(refusal)
    const at_ms = this.#now_ms()
    governed.meter.operation('deny')
    const operationId = governed.trail.intent({
      at_ms,
      phase: 'run',
      operation,
      text: operation.textWithoutSecrets ?? text,
      verdict: verdict ?? refusedVerdict(denial, governed.policyVersion),
    })
    governed.trail.outcome(operationId, {
      at_ms,
      result: 'refused',
      duration_ms: 0,
      error: denial.code,
    })
    this.#say(this.#refusal(denial))
  }

  #refuseRunning(refusal: Denial | ChaperoneError, result: Outcome['result']): void {
    if (this.#over) return
    const answer = this.#refusal(refusal)
    this.#record({ result, error: refusal.code })
    this.#say(answer)
  }

  #refusal(refusal: Denial | ChaperoneError): LocalAnswer {
    const api = this.#route?.endpoint.api
    if (api === undefined) return plainRefusal(refusal)
    try {
      return this.#head === undefined ? api.refuse(refusal) : api.refuse(refusal, this.#head)
    } catch {
      return plainRefusal(refusal)
    }
  }

  #say(answer: LocalAnswer): void {
    const more = this.#session === undefined ? [] : this.#answerHeaders()
    this.#leave()
    sayLocally(this.#client, answer, this.#wire.method, more)
  }

  // The client and the session

  body(slice: Buffer): void {
    this.#bytesIn += slice.length
    if (this.#collector === undefined) {
      this.#forwarding?.requestBody(slice)
      return
    }
    try {
      this.#collector.add(slice)
    } catch (error) {
      this.#bodyRefused(asChaperoneError(error, 'INTERNAL', 'The body could not be kept.'))
    }
  }

  bodyEnd(): void {
    const { collected, body } = { collected: this.#collected, body: this.#collector?.whole() }
    if (collected !== undefined && body !== undefined) {
      this.#collected = undefined
      collected(body)
    } else {
      this.#forwarding?.requestEnd()
    }
  }

  bodyBroken(error: ChaperoneError): void {
    this.#bodyRefused(error)
  }

  #bodyRefused(error: ChaperoneError): void {
    if (this.#over) return
    if (this.#forwarding?.answered === true) {
      this.#stop({ result: 'lost', error: error.code })
      this.#client.cut()
    } else if (this.#running === undefined) {
      this.#refuseUnread(error)
    } else {
      this.#forwarding?.abandon()
      this.#refuseRunning(error, this.#forwarding?.sent === true ? 'lost' : 'refused')
    }
  }

  drained(): void {
    this.#forwarding?.clientDrained()
  }

  gone(): void {
    this.#stop({ result: this.#forwarding?.sent === true ? 'lost' : 'withdrawn' })
  }

  end(code: Code, message: string): void {
    if (this.#over) return
    const error = new ChaperoneError(code, message, { hint: 'Get access again, and ask anew.' })
    const answered = this.#forwarding?.answered === true
    const answer = this.#refusal(error)
    this.#stop({ result: this.#forwarding?.sent === true ? 'lost' : 'refused', error: code })
    if (answered) this.#client.cut()
    else sayLocally(this.#client, answer, this.#wire.method, this.#answerHeaders())
  }

  stillAllowed(): boolean {
    if (this.#running === undefined) return true
    const { operation, text } = this.#running.request
    return this.#session!.governed.judge(operation, text).verdict.effect !== 'deny'
  }

  #stop(outcome: Pick<Outcome, 'result' | 'error'>): void {
    if (this.#over) return
    const result = this.#forwarding?.result
    this.#forwarding?.abandon()
    this.#finish({ ...(result === undefined ? {} : facts(result)), ...outcome })
  }

  // The end

  #finish(outcome: Omit<Outcome, 'at_ms' | 'duration_ms'>): void {
    if (this.#over) return
    this.#record(outcome)
    this.#leave()
  }

  #record(outcome: Omit<Outcome, 'at_ms' | 'duration_ms'>): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    const { trail, meter } = this.#session!.governed
    const at_ms = this.#now_ms()
    const duration_ms = Math.max(0, at_ms - running.began_ms)
    trail.outcome(running.operationId, { at_ms, duration_ms, ...outcome })
    meter.operationDone(duration_ms / 1000)
  }

  #leave(): void {
    if (this.#over) return
    this.#over = true
    this.#collector?.free()
    const session = this.#session
    if (session === undefined) return
    session.ongoing.delete(this)
    session.governed.meter.bytes(this.#bytesIn, this.#forwarding?.result.bytes ?? 0)
    if (!session.ended) session.governed.busy(-1)
  }

  #now_ms(): number {
    return this.#host.host.clock.now_ms()
  }
}

const STATUS_ERROR = 400

function facts({ bytes, masked, rows }: Result) {
  return {
    bytes,
    ...(masked.length === 0 ? {} : { masked }),
    ...(rows === undefined ? {} : { rows }),
  }
}

function asDenial(refusal: Denial | ChaperoneError): Denial {
  if (!(refusal instanceof ChaperoneError)) return refusal
  const { code, message, hint } = refusal
  return { code, message, hint: hint ?? '' }
}

function stopping(): ChaperoneError {
  return new ChaperoneError('SHUTTING_DOWN', 'The gateway is stopping.', {
    hint: 'Try again in a while.',
  })
}

function unreadable(): ChaperoneError {
  return new ChaperoneError('INTERNAL', 'The request could not be read.')
}
