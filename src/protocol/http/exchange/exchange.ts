import type { Code } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import { asChaperoneError } from '../../../core/errors.ts'
import type { HoldVerdict } from '../../../core/verdict.ts'
import type { Ending, Refused } from '../../../session/operations.ts'
import { writeRefused } from '../../../session/operations.ts'
import type { Share } from '../../../session/shares.ts'
import { inTurn } from '../../../session/turns.ts'
import type { ApiRequest, LocalAnswer } from '../api.ts'
import type { ClientSide, ClientSink } from '../codec/client-side.ts'
import { sayLocally } from '../codec/local-answer.ts'
import type { WireRequest } from '../codec/wire-request.ts'
import { valueOf } from '../codec/wire-request.ts'
import { memoryUsedUp } from '../failure.ts'
import type { RequestHead } from '../head.ts'
import { HELD_BODY_BYTES_MAX } from '../limits.ts'
import { whenReady } from '../ready.ts'
import type { Route } from '../target/routing.ts'
import { BodyKeeper } from './body-keeper.ts'
import { endingOf, endingOfRefusal, endingOfTunnel, hintOfEnd, resultFacts } from './endings.ts'
import { Forwarding } from './forwarding.ts'
import type { Holding } from './holding.ts'
import { holdForPeople } from './holding.ts'
import type { ExchangeHost } from './host.ts'
import type { HttpSession, Ongoing } from './http-session.ts'
import { locatedHead, readingOf } from './locate.ts'
import { asDenial, attemptOf, refusalAnswer, stopping, unreadRequest } from './refusals.ts'
import type { Running } from './running.ts'
import { beginRequest, endOfNow, endRequest, heldFor, withShown } from './running.ts'
import type { Caller } from './sessions.ts'
import type { Tunnel } from './tunnel.ts'
import { openTunnel, upgradeProblem } from './upgrade.ts'

/**
 * One request, from its head to the end of its answer: route, identify, read, judge, record, and
 * then hold, refuse, forward or open a tunnel. `#over` is the one end: nothing is said, recorded or
 * forwarded after it.
 */
export class Exchange implements ClientSink, Ongoing {
  readonly #host: ExchangeHost
  readonly #client: ClientSide
  readonly #wire: WireRequest
  readonly #caller: Caller
  #route: Route | undefined
  #head: RequestHead | undefined
  #session: HttpSession | undefined
  #running: Running | undefined
  #keeper: BodyKeeper | undefined
  /** Of its agent's memory, what this request holds: opened once it holds some. */
  #memory: Share | undefined
  #holding: Holding | undefined
  #forwarding: Forwarding | undefined
  #tunnel: Tunnel | undefined
  #bytesIn = 0
  #over = false

  constructor(host: ExchangeHost, client: ClientSide, wire: WireRequest) {
    this.#host = host
    this.#client = client
    this.#wire = wire
    this.#caller = { clientAddress: client.address, client: undefined, agent: undefined }
  }

  start(): void {
    try {
      if (this.#host.stopping()) throw stopping()
      const { authority, target, headers } = this.#wire
      const route = this.#host.router(authority, target)
      this.#route = route
      const { head, fault } = locatedHead(this.#wire, route)
      this.#head = head
      this.#caller.client = valueOf(headers.forward, 'user-agent')
      const found = this.#host.sessions.find(headers.authorization, route.endpoint, this.#caller)
      whenReady(found, (session) => this.#admitted(session, fault), this.#unadmitted)
    } catch (error) {
      this.#unadmitted(error)
    }
  }

  readonly #unadmitted = (caught: unknown): void => {
    if (this.#over) return
    const error = asChaperoneError(caught, 'INTERNAL', 'The request could not be admitted.')
    this.#host.refused(error, attemptOf(this.#caller, this.#route))
    this.#say(this.#refusal(error))
  }

  readonly #share = (): Share => (this.#memory ??= this.#session!.openMemory())

  #admitted(session: HttpSession, fault: ChaperoneError | undefined): void {
    if (this.#over) return
    this.#session = session
    session.ongoing.add(this)
    session.governed.busy(1)
    if (!this.#recordable(this.#wire.target)) return
    const fits = this.#client.memory.countFor(() => session.openMemory())
    if (!fits) this.#refuse(memoryUsedUp())
    else if (fault !== undefined) this.#refuse(fault)
    else this.#read(undefined)
  }

  /**
   * False: nothing may be recorded of the agent for now, so nothing is done for it either. Asked before each
   * record, as others were written meanwhile; what was refused is told in sum.
   */
  #recordable({ length }: string): boolean {
    const usedUp = this.#session!.governed.unrecordable(length)
    if (usedUp !== undefined) this.#say(this.#refusal(usedUp))
    return usedUp === undefined
  }

  // Reading and judging

  #read(body: Buffer | undefined): void {
    inTurn(this.#host.host.turns, this.#session!.governed, () => this.#take(body), this.#unadmitted)
  }

  #take(body: Buffer | undefined): void {
    if (this.#over) return
    const reading = readingOf(this.#route!.endpoint, this.#head!, body, this.#session!.asker)
    switch (reading.type) {
      case 'request':
        return this.#judge(reading.request, body)
      case 'body':
        return this.#collect(reading.bytesMax, (whole) => this.#read(whole))
      case 'refused':
        return this.#refuse(reading.denial)
      case 'local':
        return this.#say(reading.answer)
    }
  }

  #collect(bytesMax: number, then: (body: Buffer) => void): void {
    this.#keeper = new BodyKeeper({
      client: this.#client,
      length: this.#head!.bodyLength,
      bytesMax,
      memory: this.#share().part(),
      whole: then,
      failed: (error) => this.bodyBroken(error),
    })
    this.#keeper.start()
  }

  #judge(read: ApiRequest<unknown>, body: Buffer | undefined): void {
    const { governed, operations } = this.#session!
    if (!this.#recordable(read.text)) return
    const request = withShown(read, this.#session!, this.#head!, body)
    const { operation, shown: text } = request
    const judgement = governed.judge(operation, request.text)
    const { verdict } = judgement
    if (verdict.effect === 'deny')
      return this.#deny({ operation, text, denial: verdict.denial, verdict })
    operations.keep(operation)
    // What was read of a body stays as long as the request does.
    const fits = this.#keeper?.holdsWith(heldFor(request)) !== false
    const { api } = this.#route!.endpoint
    const problem = fits ? upgradeProblem(this.#head!, api, this.#client) : memoryUsedUp()
    if (problem !== undefined) return this.#deny({ operation, text, denial: asDenial(problem) })
    const running = beginRequest(governed, request, judgement, this.#host.host.clock)
    this.#running = running
    this.#host.host.recorder.afterCommit({
      committed: () => {
        if (this.#over) return
        if (verdict.effect === 'allow') this.#forward(running, body)
        else if (body !== undefined) this.#hold(running, verdict, body)
        else this.#collect(HELD_BODY_BYTES_MAX, (whole) => this.#hold(running, verdict, whole))
      },
      failed: (error) => this.#refuse(error),
    })
  }

  // Holding

  #hold(running: Running, verdict: HoldVerdict, body: Buffer): void {
    const { host } = this.#host
    const where = { host, session: this.#session!.governed, endpoint: this.#route!.endpoint }
    const own = { head: this.#head!, memory: this.#share(), running, verdict, body }
    const holding = holdForPeople({ ...where, ...own })
    this.#holding = holding
    void holding.settled.then((end) => {
      if (this.#over) return
      if (end.type === 'refused') this.#refuse(end.refusal)
      else if (end.type === 'agreed' && holding.renew()) this.#forward(running, body)
      else {
        this.#record(endingOfRefusal('APPROVAL_SUPERSEDED', undefined))
        this.#judge(running.request, body)
      }
    })
  }

  judgeHeld(): void {
    if (this.#isHeld()) this.#holding?.judge()
  }

  /** What is held is judged once more before it goes. */
  #isHeld(): boolean {
    return this.#running?.judgement.verdict.effect === 'hold' && this.#forwarding === undefined
  }

  // Forwarding

  #forward(running: Running, body: Buffer | undefined): void {
    const { endpoint } = this.#route!
    const { request, judgement, operationId, seen } = running
    const { asker, answerHeaders } = this.#session!
    const context = { ...asker, operationId, head: this.#head!, seen }
    const client = this.#client
    const memory = this.#share
    const parts = { client, answerHeaders, endpoint, request, judgement, context, body, memory }
    this.#forwarding = new Forwarding(parts, {
      upgraded: (answer, connection) =>
        openTunnel(parts, answer, connection, {
          host: this.#host.host,
          session: this.#session!.governed,
          deadlines: this.#host.deadlines,
          opened: (tunnel) => void (this.#tunnel = tunnel),
          closed: (end) => this.#finish(endingOfTunnel(this.#tunnel?.bytesOut ?? 0, end)),
        }),
      done: (result) => this.#finish(endingOf(result)),
      refused: (refusal) => this.#refuse(refusal),
      cut: (error, result) =>
        this.#finish({ ...resultFacts(result), result: 'lost', error: error.code }),
    })
    this.#forwarding.start()
  }

  // Refusing

  /** Before there is an operation, before it goes, or where its answer cannot be shown. */
  #refuse(refusal: Denial | ChaperoneError): void {
    if (this.#over) return
    if (this.#running === undefined)
      return this.#deny(unreadRequest(refusal, this.#wire, this.#head))
    this.#record(endingOfRefusal(refusal.code, this.#forwarding))
    this.#say(this.#refusal(refusal))
  }

  #deny(refused: Refused): void {
    if (!this.#recordable(refused.text)) return
    writeRefused(this.#session!.governed, refused, this.#host.host.clock.now_ms())
    this.#say(this.#refusal(refused.denial))
  }

  #refusal(refusal: Denial | ChaperoneError): LocalAnswer {
    return refusalAnswer(refusal, this.#route?.endpoint, this.#head)
  }

  #say(answer: LocalAnswer): void {
    this.#leave()
    sayLocally(this.#client, answer, this.#wire.method, this.#session?.answerHeaders ?? [])
  }

  // The client and the session

  body(slice: Buffer): void {
    this.#bytesIn += slice.length
    if (this.#keeper === undefined) this.#forwarding?.requestBody(slice)
    else this.#keeper.add(slice)
  }

  bodyEnd(): void {
    if (this.#over) return
    if (this.#keeper === undefined) this.#forwarding?.requestEnd()
    else this.#keeper.end()
  }

  bodyBroken(error: ChaperoneError): void {
    if (this.#over) return
    if (this.#session === undefined) return this.#unadmitted(error)
    if (this.#forwarding?.answered === true) {
      this.#stop({ result: 'lost', error: error.code })
      this.#client.cut()
      return
    }
    this.#forwarding?.abandon()
    this.#refuse(error)
  }

  drained(): void {
    this.#forwarding?.clientDrained()
  }

  gone(): void {
    this.#stop({ result: this.#forwarding?.sent === true ? 'lost' : 'withdrawn' })
  }

  end(code: Code, message: string): void {
    if (this.#over) return
    if (this.#tunnel !== undefined) return this.#tunnel.stop(code)
    const said = this.#forwarding?.answered === true
    this.#stop({ result: this.#forwarding?.sent === true ? 'lost' : 'refused', error: code })
    const hint = hintOfEnd(code)
    if (said) this.#client.cut()
    else this.#say(this.#refusal({ code, message, hint }))
  }

  judgeAnew(): void {
    if (this.#running === undefined || this.#isHeld()) return
    const why = endOfNow(this.#running, this.#session!.governed)
    if (why !== undefined) this.end(why.code, why.message)
  }

  #stop(ending: Ending): void {
    if (this.#over) return
    const result = this.#forwarding?.result
    this.#forwarding?.abandon()
    this.#finish({ ...(result === undefined ? {} : resultFacts(result)), ...ending })
  }

  // The end

  #finish(ending: Ending): void {
    if (this.#over) return
    this.#record(ending)
    this.#leave()
  }

  #record(ending: Ending): void {
    const running = this.#running
    this.#running = undefined
    if (running === undefined) return
    endRequest(this.#session!.governed, running, ending, this.#host.host.clock)
  }

  #leave(): void {
    if (this.#over) return
    this.#over = true
    this.#holding?.withdraw()
    this.#memory?.close()
    const session = this.#session
    if (session === undefined) return
    session.ongoing.delete(this)
    const bytesIn = this.#tunnel?.bytesIn ?? this.#bytesIn
    const bytesOut = this.#tunnel?.bytesOut ?? this.#forwarding?.result.bytes ?? 0
    session.governed.meter.bytes(bytesIn, bytesOut)
    if (!session.ended) session.governed.busy(-1)
  }
}
