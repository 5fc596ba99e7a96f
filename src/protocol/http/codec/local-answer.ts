import { CODES } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import type { LocalAnswer } from '../api.ts'
import type { HeaderList } from '../head.ts'
import type { ClientSide } from './client-side.ts'

/** A refusal where no API is known whose error form it could have. */
export function plainRefusal({ code, message, hint }: Denial | ChaperoneError): LocalAnswer {
  const status = CODES[code].http
  const challenge: HeaderList = status === 401 ? [['www-authenticate', 'Bearer']] : []
  return {
    status,
    headers: [['content-type', 'application/json'], ['cache-control', 'no-store'], ...challenge],
    body: JSON.stringify({ error: { code, message, hint } }),
  }
}

/** Answers without the target. `method`: a HEAD gets no body. */
export function sayLocally(
  client: ClientSide,
  answer: LocalAnswer,
  method: string,
  more: HeaderList,
): void {
  const body = Buffer.from(answer.body)
  const headers = [
    ...answer.headers.filter(([name]) => name !== 'content-length' && name !== 'connection'),
    ...more,
  ]
  if (method === 'HEAD' || answer.status === 204 || answer.status === 304) {
    client.head({ status: answer.status, headers }, 'none')
  } else {
    client.head({ status: answer.status, headers }, body.length)
    client.body(body)
  }
  client.end([])
}

/** The same for what could not even be read as a request: the connection ends with it. */
export function unreadableAnswer(error: ChaperoneError): Buffer {
  const { status, headers, body } = plainRefusal(error)
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
