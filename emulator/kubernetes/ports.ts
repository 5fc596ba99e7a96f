import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { createHeaderReader } from '../../src/protocol/kubernetes/streams/spdy-headers.ts'
import type { SpdyFrame } from '../../src/protocol/kubernetes/streams/spdy.ts'
import { createSpdyReader, FLAG_FIN, SPDY } from '../../src/protocol/kubernetes/streams/spdy.ts'
import { controlFrame, dataFrame, emptyHeaders } from './spdy-writer.ts'
import type { Socketed } from './websocket.ts'
import { acceptSocket } from './websocket.ts'

export const PORTS = 'SPDY/3.1+portforward.k8s.io'

/** One forwarded connection: a stream for its bytes, and one on which it is told what went wrong. */
interface Pair {
  data?: number
  error?: number
  port?: number
  socket?: Socket
}

/**
 * `portforward` as a kubelet serves it: SPDY/3.1 inside a WebSocket. The network of every pod is the
 * loopback interface of this machine.
 */
export function openPorts(request: IncomingMessage, socket: Duplex, ahead: Buffer): void {
  acceptSocket(request, socket, ahead, { subprotocol: PORTS, reads: 'messages' }, (websocket) => {
    const pairs = new Map<string, Pair>()
    const headers = createHeaderReader()
    const answer = emptyHeaders()
    const bySocket = (stream: number) => [...pairs.values()].find(({ data }) => data === stream)

    function open(body: Buffer): void {
      const stream = body.readUInt32BE(0)
      const found = headers(body.subarray(10))
      if (found === undefined) throw new Error('headers that cannot be read')
      websocket.send(controlFrame(SPDY.synReply, Buffer.concat([body.subarray(0, 4), answer()])))
      const id = found.get('requestid') ?? ''
      const pair = pairs.get(id) ?? {}
      pairs.set(id, pair)
      pair[found.get('streamtype') === 'error' ? 'error' : 'data'] = stream
      pair.port = Number(found.get('port'))
      if (pair.data !== undefined && pair.error !== undefined) dial(websocket, pair)
    }

    function heard(frame: SpdyFrame): void {
      if (frame.type === 'data') bySocket(frame.stream)?.socket?.write(frame.piece)
      else if (frame.type === 'end') {
        if ((frame.flags & FLAG_FIN) !== 0) bySocket(frame.stream)?.socket?.end()
      } else if (frame.type !== 'control') return
      else if (frame.kind === SPDY.synStream) open(frame.body)
      else if (frame.kind === SPDY.ping) websocket.send(controlFrame(SPDY.ping, frame.body))
      else if (frame.kind === SPDY.rstStream) {
        bySocket(frame.body.readUInt32BE(0))?.socket?.destroy()
      }
    }

    const read = createSpdyReader(heard)
    return {
      message(payload) {
        if (read(payload) !== undefined) websocket.close()
      },
      closed() {
        for (const { socket: one } of pairs.values()) one?.destroy()
      },
    }
  })
}

function dial(websocket: Socketed, pair: Pair): void {
  const { data = 0, error = 0, port = 0 } = pair
  const socket = connect(port, '127.0.0.1')
  pair.socket = socket
  const finish = () => {
    for (const stream of [data, error]) websocket.send(dataFrame(stream, Buffer.alloc(0), FLAG_FIN))
  }
  socket.on('data', (chunk: Buffer) => websocket.send(dataFrame(data, chunk)))
  socket.once('end', finish)
  socket.once('error', ({ message }) => {
    websocket.send(dataFrame(error, Buffer.from(message)))
    finish()
  })
}
