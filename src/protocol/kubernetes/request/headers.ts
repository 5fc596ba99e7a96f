import type { HeaderList, RequestHead } from '../../http/head.ts'

/** Headers with which a server that trusts whoever fronts it is told who asks. */
const SPEAKS_FOR = /^(impersonate-|x-remote-|x-forwarded-|x-original-|x-http-method)/

/** Token in place of the Authorization header ("base64url.bearer.authorization.k8s.io."). */
const BEARER_PROTOCOL = /base64url\.bearer\.authorization/i

/** What is wrong with the headers, in words and with the way out. */
export function headerProblem({ headers }: RequestHead): readonly string[] {
  for (const [written, value] of headers) {
    // Servers of the CGI kind read one as the other.
    const name = written.replaceAll('_', '-')
    if (name.startsWith('impersonate-')) {
      return [
        `has the header ${name}`,
        'Whom the cluster sees is for the gateway to say: the resource names the user.',
      ]
    }
    if (SPEAKS_FOR.test(name)) return [`has the header ${name}`, 'Leave it out.']
    if (name === 'sec-websocket-protocol' && BEARER_PROTOCOL.test(value)) {
      return ['carries a token as a WebSocket protocol', 'Send it as Authorization: Bearer.']
    }
  }
  return []
}

/** What goes on to the target of a client's headers; all others are dropped. */
const FORWARDED: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'content-length',
  'expect',
  'if-none-match',
  'user-agent',
  'kubectl-command',
  'kubectl-session',
  'x-stream-protocol-version',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
])

export function droppedHeaders(headers: HeaderList): readonly string[] {
  return headers.map(([name]) => name).filter((name) => !FORWARDED.has(name))
}
