import type { ChaperoneError } from '../../../core/errors.ts'
import type { GovernedSession, SessionHost } from '../../../session/governed.ts'
import type { HttpApi } from '../api.ts'
import type { ClientSide } from '../codec/client-side.ts'
import { acceptOf } from '../codec/websocket.ts'
import type { WireAnswer } from '../codec/wire-answer.ts'
import type { Deadlines } from '../deadlines.ts'
import { targetViolation, unsupported, violation } from '../failure.ts'
import type { RequestHead } from '../head.ts'
import { headerOf } from '../head.ts'
import type { TargetConnection } from '../target/connection.ts'
import type { ForwardingParts } from './forwarding.ts'
import { createTranscript } from './transcript.ts'
import type { TunnelEnd } from './tunnel.ts'
import { Tunnel } from './tunnel.ts'

const KEY = /^[A-Za-z0-9+/]{22}==$/

/** Why a request may not change the protocol; undefined where it does not want to, or may. */
export function upgradeProblem(
  { upgrade, method, headers }: RequestHead,
  api: HttpApi,
  client: ClientSide,
): ChaperoneError | undefined {
  if (upgrade === undefined) return undefined
  if (upgrade !== 'websocket' || api.tunnel === undefined || client.takeOver === undefined) {
    return unsupported('This request cannot change the protocol so.', 'Use a WebSocket (HTTP/1.1).')
  }
  const key = headerOf(headers, 'sec-websocket-key')
  const version = headerOf(headers, 'sec-websocket-version')
  if (method === 'GET' && version === '13' && key !== undefined && KEY.test(key)) return undefined
  return violation('a WebSocket handshake that is none (RFC 6455 section 4.1)')
}

export interface TunnelFacts {
  readonly host: SessionHost
  readonly session: GovernedSession
  readonly deadlines: Deadlines
  opened(tunnel: Tunnel): void
  closed(end: TunnelEnd): void
}

/** Both sides have changed to WebSocket. Throws TARGET_PROTOCOL where the target only says so. */
export function openTunnel(
  parts: ForwardingParts,
  answer: WireAnswer,
  target: TargetConnection,
  facts: TunnelFacts,
): void {
  const { host, session } = facts
  const { clock, recorder } = host
  const now_ms = () => clock.now_ms()
  const { client, endpoint, request, judgement, context, answerHeaders } = parts
  const { headers } = answer.head
  const key = headerOf(context.head.headers, 'sec-websocket-key') ?? ''
  if (headerOf(headers, 'sec-websocket-accept') !== acceptOf(key)) {
    throw targetViolation('it accepts another WebSocket')
  }
  if (headers.some(([name]) => name === 'sec-websocket-extensions')) {
    throw targetViolation('it uses extensions that nobody offered')
  }
  const transcript = createTranscript(
    (piece) => session.trail.terminal(context.operationId, piece),
    now_ms,
  )
  const guard = endpoint.api.tunnel!(request, judgement, {
    subprotocol: headerOf(headers, 'sec-websocket-protocol') ?? '',
    now_ms,
    record: (kind, text) => transcript.add(kind, text),
    judge(text) {
      const { verdict } = session.judge(request.operation, text)
      return verdict.effect === 'deny' ? verdict.denial : undefined
    },
  })
  client.head(
    { status: 101, headers: [...headers, ['upgrade', 'websocket'], ...answerHeaders] },
    'none',
  )
  const { socket, ahead } = client.takeOver!()
  const tunnel = new Tunnel({
    client: socket,
    ahead,
    target,
    guard,
    transcript,
    recorder,
    unrecordable: () => session.unrecordable(0),
    deadlines: facts.deadlines,
    memory: parts.memory(),
    closed: (end) => facts.closed(end),
  })
  facts.opened(tunnel)
  tunnel.start()
}
