import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import {
  passwordMessage,
  query,
  startupMessage,
} from '../../src/protocol/postgres/signing-in/handshake-messages.ts'

/** A client in plain text that costs next to nothing, so that there can be a thousand of them. */
export interface LightClient {
  readonly socket: Socket
  /** The first column of the first row, `undefined` without rows; an error rejects with its code. */
  ask(text: string): Promise<string | undefined>
  /** Leaves as the protocol wants it. */
  end(): Promise<void>
}

export interface LightClientOptions {
  readonly port: number
  /** `resource/database`. */
  readonly database: string
  readonly password: string
}

interface Message {
  readonly type: string
  readonly body: Buffer
}

const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4])

export async function openLightClient(options: LightClientOptions): Promise<LightClient> {
  const socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true })
  const hear = listen(socket)
  await once(socket, 'connect')
  socket.write(startupMessage({ user: 'light', database: options.database }))
  await hear('R')
  socket.write(passwordMessage(options.password))
  check(await hear('Z'))
  return {
    socket,
    async ask(text) {
      socket.write(query(text))
      const heard = check(await hear('Z'))
      const row = heard.find(({ type }) => type === 'D')?.body
      return row?.toString('utf8', 6, 6 + row.readInt32BE(2))
    },
    async end() {
      socket.end(TERMINATE)
      if (!socket.closed) await once(socket, 'close')
    },
  }
}

/** `57P05 SESSION_EXPIRED` and the like, in the place of a message. */
function check(heard: readonly Message[]): readonly Message[] {
  const error = heard.find(({ type }) => type === 'E')
  if (error === undefined) return heard
  const fields = error.body.toString('utf8').split('\0')
  const field = (name: string) => fields.find((one) => one.startsWith(name))?.slice(1)
  throw Object.assign(new Error(field('M')), { code: field('C'), detail: field('D') })
}

/** Resolves with what was heard up to a message of this type, or up to a fatal error. */
function listen(socket: Socket): (last: string) => Promise<readonly Message[]> {
  let unread: Buffer = Buffer.alloc(0)
  let heard: Message[] = []
  let waiting: { last: string; resolve: (heard: readonly Message[]) => void } | undefined
  let fail: ((error: Error) => void) | undefined
  let gone: Error | undefined

  socket.on('data', (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
    while (unread.length >= 5) {
      const end = 1 + unread.readInt32BE(1)
      if (unread.length < end) break
      const type = String.fromCharCode(unread[0]!)
      heard.push({ type, body: Buffer.from(unread.subarray(5, end)) })
      unread = unread.subarray(end)
      if (waiting?.last === type) settle()
    }
  })
  socket.on('error', (error) => (gone ??= error))
  socket.on('close', () => {
    gone ??= new Error('the gateway closed the connection')
    if (heard.some(({ type }) => type === 'E')) settle()
    else fail?.(gone)
  })

  function settle(): void {
    const all = heard
    heard = []
    waiting?.resolve(all)
    waiting = undefined
  }

  return (last) =>
    new Promise((resolve, reject) => {
      if (gone !== undefined) {
        reject(gone)
        return
      }
      waiting = { last, resolve }
      fail = reject
      if (heard.some(({ type }) => type === last)) settle()
    })
}
