import type { Denial } from '../../../core/denial.ts'
import type { TunnelGuard, TunnelHost } from '../../http/api.ts'
import { unsupported } from '../refusals.ts'
import { CHANNEL_PROTOCOL, clientChannels } from './channels.ts'
import { createHeaderReader } from './spdy-headers.ts'
import type { SpdyFrame } from './spdy.ts'
import { createSpdyReader, SPDY } from './spdy.ts'

/** How kubectl forwards ports: SPDY/3.1 inside a WebSocket, with two streams for each connection. */
export const PORTS_PROTOCOL = 'SPDY/3.1+portforward.k8s.io'

/** What a client sends beside new streams and their bytes. */
const OF_CLIENTS: ReadonlySet<number> = new Set([
  SPDY.rstStream,
  SPDY.settings,
  SPDY.ping,
  SPDY.goAway,
  SPDY.windowUpdate,
])

/** `port: 5432`, as rules with `text` see the port of a forwarded connection. */
export function portLine(port: string): string {
  return `port: ${port}`
}

/** Ports that the query names; then each has a channel for its bytes, and one for its errors. */
export function portsAsked(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(','))
}

/** What is wrong with them, in words: the cluster reads `022` as 22, and rules do not. */
export function portsProblem(ports: readonly string[]): string | undefined {
  return ports.every(isPort) ? undefined : 'names a port that is no plain number'
}

/**
 * Watches `portforward`: each connection's port is judged and recorded before the connection opens;
 * the bytes of the connections pass as they are.
 */
export function createPortGuard(host: TunnelHost, asked: readonly string[]): TunnelGuard {
  if (host.subprotocol === PORTS_PROTOCOL) return streamGuard(host)
  if (host.subprotocol === CHANNEL_PROTOCOL) return channelGuard(asked.length)
  return { fromClient: () => UNKNOWN, fromTarget: () => UNKNOWN }
}

function streamGuard(host: TunnelHost): TunnelGuard {
  let refusal: Denial | undefined
  let newest = 0
  const headers = createHeaderReader()

  function open(body: Buffer): Denial | undefined {
    if (body.length < SYN_STREAM_BYTES) return ODD
    const stream = body.readUInt32BE(0)
    const found = headers(body.subarray(SYN_STREAM_BYTES))
    const port = found?.get('port') ?? ''
    const type = found?.get('streamtype') ?? ''
    if (stream <= newest || stream % 2 === 0 || !isPort(port) || !TYPES.has(type)) return ODD
    newest = stream
    const denial = host.judge(portLine(port))
    if (denial === undefined && type === 'data') host.record('m', portLine(port))
    return denial
  }

  function judge(frame: SpdyFrame): Denial | undefined {
    if (frame.type === 'begin') return frame.stream > newest ? ODD : undefined
    if (frame.type !== 'control') return undefined
    if (frame.kind === SPDY.synStream) return open(frame.body)
    return OF_CLIENTS.has(frame.kind) ? undefined : ODD
  }

  const read = createSpdyReader((frame) => {
    refusal ??= judge(frame)
  })
  return {
    fromClient({ payload, binary }) {
      if (!binary) return ODD
      const problem = read(payload)
      return problem === undefined ? refusal : ODD
    },
    fromTarget: () => undefined,
  }
}

/** Channels 2n and 2n + 1 are those of the nth port; which those are, the request has said. */
function channelGuard(ports: number): TunnelGuard {
  const judge = clientChannels((channel) => (channel < 2 * ports ? undefined : ODD))
  return { fromClient: judge, fromTarget: () => undefined }
}

/** Of a SYN_STREAM before its headers: the stream, the one it belongs to, priority and slot. */
const SYN_STREAM_BYTES = 10
const TYPES: ReadonlySet<string> = new Set(['data', 'error'])
const PORT_MAX = 65_535

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= PORT_MAX
}

const UNKNOWN = unsupported(
  'forwards ports in a protocol that is not known here',
  'Use kubectl 1.31 or later, which forwards them over a WebSocket.',
)

const ODD = unsupported('forwards a port in a way that cannot be read here')
