import {
  commandComplete,
  errorResponse,
  readBind,
  readExecute,
  readParse,
  readQuery,
  readyForQuery,
} from '../../src/protocol/postgres/messages/message.ts'
import { int16, int32, message } from '../../src/protocol/postgres/messages/writer.ts'

/** As much of PostgreSQL as `SELECT <number>` needs, with the gateway's own questions, and no socket. */
export interface SimpleTarget {
  /** Reads what was sent and gives the answers. */
  hear(bytes: Buffer): Buffer
}

/** `ran` is told of every statement of the agent's own. */
export function createSimpleTarget(ran: (text: string) => void): SimpleTarget {
  const statements = new Map<string, string>()
  const portals = new Map<string, string>()
  let skipping = false

  function answer(type: string, packet: Buffer): Buffer | undefined {
    if (type === 'S') {
      skipping = false
      return readyForQuery('I')
    }
    if (skipping) return undefined
    switch (type) {
      case 'Q':
        ran(readQuery(packet, 5, packet.length))
        return Buffer.concat([DONE, readyForQuery('I')])
      case 'P': {
        const { statement, text } = readParse(packet, 5, packet.length)
        statements.set(statement, text)
        return message(0x31)
      }
      case 'B': {
        const { portal, statement } = readBind(packet, 5, packet.length)
        portals.set(portal, statements.get(statement) ?? '')
        return message(0x32)
      }
      case 'E':
        return execute(portals.get(readExecute(packet, 5, packet.length).portal))
      case 'C':
        return message(0x33)
      default:
        return undefined
    }
  }

  function execute(text: string | undefined): Buffer {
    if (text === undefined) {
      skipping = true
      return NO_PORTAL
    }
    if (text.startsWith('EXPLAIN')) return Buffer.concat([row(PLAN), DONE])
    if (/^SELECT \d+$/.test(text)) {
      ran(text)
      return DONE
    }
    return Buffer.concat([row('f', null, FACTS), DONE])
  }

  return {
    hear(bytes) {
      const answers: Buffer[] = []
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + bytes.readInt32BE(at + 1)
        const said = answer(String.fromCharCode(bytes[at]!), bytes.subarray(at, end))
        if (said !== undefined) answers.push(said)
        at = end
      }
      return Buffer.concat(answers)
    },
  }
}

const DONE = commandComplete('SELECT 0')
const NO_PORTAL = errorResponse([
  ['S', 'ERROR'],
  ['V', 'ERROR'],
  ['C', '34000'],
  ['M', 'portal does not exist'],
])
const PLAN = JSON.stringify([{ Plan: { 'Node Type': 'Result', 'Plan Rows': 1 } }])
/** A search path, and no operators or casts of users. */
const FACTS = JSON.stringify({
  database: 'sales',
  schemas: ['public'],
  operators: null,
  casts: null,
})

function row(...values: readonly (string | null)[]): Buffer {
  const parts = values.flatMap((value) =>
    value === null ? [int32(-1)] : [int32(Buffer.byteLength(value)), Buffer.from(value)],
  )
  return message(0x44, int16(values.length), ...parts)
}
