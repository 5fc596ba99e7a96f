/** A trick by which two readers of one stream of bytes could come to differ, and its refusal. */
export interface DesyncCase {
  readonly name: string
  readonly bytes: string
  readonly code: string
}

const HOST = 'host: res.localhost\r\nauthorization: Bearer etl\r\n'
const GET = `GET /allow/echo HTTP/1.1\r\n${HOST}`
const POST = `POST /allow/echo HTTP/1.1\r\n${HOST}`
const SMUGGLED = 'GET /deny/smuggled HTTP/1.1\r\nhost: res.localhost\r\n\r\n'

const VIOLATION = 'PROTOCOL_VIOLATION'
const UNSUPPORTED = 'PROTOCOL_UNSUPPORTED'

function cases(code: string, list: Readonly<Record<string, string>>): DesyncCase[] {
  return Object.entries(list).map(([name, bytes]) => ({ name, bytes, code }))
}

const header = (line: string): string => `${GET}${line}\r\n\r\n`
const target = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`
const chunked = (body: string): string => `${POST}transfer-encoding: chunked\r\n\r\n${body}`

const FRAMING = cases(VIOLATION, {
  'length and chunked': `${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunked and length': `${POST}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'two lengths': `${POST}content-length: 0\r\ncontent-length: 43\r\n\r\n${SMUGGLED}`,
  'two equal lengths': `${POST}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`,
  'a list of lengths': `${POST}content-length: 5, 5\r\n\r\nhello`,
  'a length with a sign': `${POST}content-length: +5\r\n\r\nhello`,
  'a negative length': `${POST}content-length: -5\r\n\r\nhello`,
  'a length with a zero in front': `${POST}content-length: 05\r\n\r\nhello`,
  'a hexadecimal length': `${POST}content-length: 0x5\r\n\r\nhello`,
  'a length with a fraction': `${POST}content-length: 5.0\r\n\r\nhello`,
  'a length with a blank inside': `${POST}content-length: 5 5\r\n\r\nhello`,
  'an empty length': `${POST}content-length:\r\n\r\nhello`,
  'a length beyond any number': `${POST}content-length: 99999999999999999999\r\n\r\n`,
  'a length in other digits': `${POST}content-length: \u0665\r\n\r\nhello`,
  'chunked twice': `${POST}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunked in a list': `${POST}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'chunked, identity': `${POST}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'identity alone': `${POST}transfer-encoding: identity\r\n\r\n`,
  'an unknown coding': `${POST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunked with a vertical tab': `${POST}transfer-encoding: \vchunked\r\n\r\n0\r\n\r\n`,
  'chunked in quotes': `${POST}transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n`,
  'chunked with a parameter': `${POST}transfer-encoding: chunked;q=1\r\n\r\n0\r\n\r\n`,
  'an empty coding': `${POST}transfer-encoding:\r\n\r\n0\r\n\r\n`,
  'GET with a body': `${GET}content-length: 43\r\n\r\n${SMUGGLED}`,
  'GET with a chunked body': `${GET}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'an upgrade with a body': `${POST}connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 5\r\n\r\nhello`,
})

const CHUNKS = cases(VIOLATION, {
  'a chunk extension': chunked('5;a=b\r\nhello\r\n0\r\n\r\n'),
  'a chunk extension without a name': chunked('5;\r\nhello\r\n0\r\n\r\n'),
  'a blank after a size': chunked('5 \r\nhello\r\n0\r\n\r\n'),
  'a blank before a size': chunked(' 5\r\nhello\r\n0\r\n\r\n'),
  'a size with a sign': chunked('+5\r\nhello\r\n0\r\n\r\n'),
  'a size with 0x': chunked('0x5\r\nhello\r\n0\r\n\r\n'),
  'a size with an underscore': chunked('0_5\r\nhello\r\n0\r\n\r\n'),
  'an empty size': chunked('\r\nhello\r\n0\r\n\r\n'),
  'a size beyond any number': chunked('fffffffffffffffff\r\nhello\r\n0\r\n\r\n'),
  'a size that is no number': chunked('g\r\nhello\r\n0\r\n\r\n'),
  'a size line that ends with LF': chunked('5\nhello\r\n0\r\n\r\n'),
  'a size line that ends with CR': chunked('5\rhello\r\n0\r\n\r\n'),
  'data that is longer than its size': chunked('4\r\nhello\r\n0\r\n\r\n'),
  'data that ends with LF': chunked('5\r\nhello\n0\r\n\r\n'),
  'data that ends with two CR': chunked('5\r\nhello\r\r\n0\r\n\r\n'),
  'a last chunk that ends with LF': chunked('5\r\nhello\r\n0\n\r\n'),
  'a trailer without a colon': chunked('0\r\ntrailer\r\n\r\n'),
  'a trailer with a blank in its name': chunked('0\r\ntrai ler: 1\r\n\r\n'),
  'a folded trailer': chunked('0\r\na: 1\r\n b\r\n\r\n'),
  'a trailer that ends with LF': chunked('0\r\na: 1\n\r\n'),
})

const HEAD = cases(VIOLATION, {
  'lines that end with LF': GET.replaceAll('\r\n', '\n') + '\n',
  'one line that ends with LF': `${GET}a: 1\nb: 2\r\n\r\n`,
  'a bare CR in a value': header('a: 1\r2'),
  'a bare CR before a header': `GET /allow/echo HTTP/1.1\r\r\n${HOST}\r\n`,
  'a NUL in a value': header('a: 1\0'),
  'a NUL in a name': header('a\0: 1'),
  'a control in a value': header('a: \x01'),
  'a DEL in a value': header('a: \x7f'),
  'a folded header': header('a: 1\r\n b'),
  'a header folded with a tab': header('a: 1\r\n\tb'),
  'a first header that is folded': `GET /allow/echo HTTP/1.1\r\n a: 1\r\n${HOST}\r\n`,
  'a blank before a colon': header('a : 1'),
  'a tab before a colon': header('content-length\t: 5'),
  'a blank before a length colon': header('content-length : 5'),
  'a header without a colon': header('content-length 5'),
  'an empty name': header(': 1'),
  'a name in UTF-8': header('caf\u00e9: 1'),
  'a name in parentheses': header('(a): 1'),
  'an empty line in front': `\r\n${GET}\r\n`,
  'a blank in front': ` ${GET}\r\n`,
  'no host': 'GET /allow/echo HTTP/1.1\r\nauthorization: Bearer etl\r\n\r\n',
  'two hosts': header('host: other'),
  'an empty host': 'GET /allow/echo HTTP/1.1\r\nhost:\r\n\r\n',
  'a host with a user': 'GET /allow/echo HTTP/1.1\r\nhost: a@res.localhost\r\n\r\n',
  'a host with a path': 'GET /allow/echo HTTP/1.1\r\nhost: res.localhost/x\r\n\r\n',
  'a host with a comma': 'GET /allow/echo HTTP/1.1\r\nhost: res.localhost, b\r\n\r\n',
  'a host with a blank': 'GET /allow/echo HTTP/1.1\r\nhost: res.localhost b\r\n\r\n',
  'a host with a backslash': 'GET /allow/echo HTTP/1.1\r\nhost: res.localhost\\b\r\n\r\n',
  'a host with two ports': 'GET /allow/echo HTTP/1.1\r\nhost: res.localhost:1:2\r\n\r\n',
  'a host with an empty port': 'GET /allow/echo HTTP/1.1\r\nhost: res.localhost:\r\n\r\n',
  'two credentials': header('authorization: Bearer other'),
  'two types': header('content-type: a/b\r\ncontent-type: c/d'),
  'connection that names a judged header': header('connection: close, authorization'),
  'connection that names the length': header('connection: content-length'),
})

const LINE = cases(VIOLATION, {
  'a lower-case method': `get /allow/echo HTTP/1.1\r\n${HOST}\r\n`,
  'a method with a control': `GE\tT /allow/echo HTTP/1.1\r\n${HOST}\r\n`,
  'two blanks after the method': `GET  /allow/echo HTTP/1.1\r\n${HOST}\r\n`,
  'a tab after the method': `GET\t/allow/echo HTTP/1.1\r\n${HOST}\r\n`,
  'a blank in the target': `GET /allow/echo x HTTP/1.1\r\n${HOST}\r\n`,
  'a blank after the version': `GET /allow/echo HTTP/1.1 \r\n${HOST}\r\n`,
  'no version': `GET /allow/echo\r\n${HOST}\r\n`,
  'a lower-case version': `GET /allow/echo http/1.1\r\n${HOST}\r\n`,
  'a long version': `GET /allow/echo HTTP/1.10\r\n${HOST}\r\n`,
  'the absolute form': target('https://res.localhost/allow/echo'),
  'the absolute form of another host': target('https://other/allow/echo'),
  'the authority form': target('res.localhost:443'),
  'the asterisk form': `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  'a target without a slash': target('allow/echo'),
  'a fragment': target('/allow/echo#x'),
  'a backslash': target('/allow\\..\\deny'),
  'raw UTF-8': target('/allow/caf\u00e9'),
})

const PATHS = cases(VIOLATION, {
  dots: target('/allow/../deny'),
  'one dot': target('/allow/./echo'),
  'dots at the end': target('/allow/..'),
  'encoded dots': target('/allow/%2e%2e/deny'),
  'half encoded dots': target('/allow/.%2E/deny'),
  'dots with a parameter': target('/allow/..;/deny'),
  'dots with an encoded parameter': target('/allow/..%3b/deny'),
  'double slashes': target('/allow//echo'),
  'double slashes in front': target('//allow/echo'),
  'an encoded slash': target('/allow%2fecho'),
  'an encoded backslash': target('/allow/%5c../deny'),
  'double encoding': target('/allow/%252e%252e/deny'),
  'double encoding of a slash': target('/allow%252fecho'),
  'a NUL': target('/allow/%00'),
  'an encoded LF': target('/allow/%0a'),
  'an encoded CRLF': target('/allow/%0d%0ahost:%20x'),
  'a C1 control': target('/allow/%c2%85'),
  'a bad percent': target('/allow/%zz'),
  'a percent at the end': target('/allow/%'),
  'half a percent': target('/allow/%4'),
  'a Unicode percent': target('/allow/%u002e'),
  'overlong UTF-8': target('/allow/%c0%ae%c0%ae/deny'),
  'overlong slash': target('/allow%c0%afdeny'),
  'a surrogate': target('/allow/%ed%a0%80'),
  'half a character': target('/allow/%c3'),
  'beyond Unicode': target('/allow/%f5%80%80%80'),
  'a bad percent in the query': target('/allow/echo?a=%zz'),
  'a NUL in the query': target('/allow/echo?a=%00'),
  'a semicolon in the query': target('/allow/echo?a=1;b=2'),
  'invalid UTF-8 in the query': target('/allow/echo?a=%ff'),
  'a control in a name of the query': target('/allow/echo?a%0a=1'),
})

const METHODS = cases(UNSUPPORTED, {
  'an older version': `GET /allow/echo HTTP/1.0\r\n${HOST}\r\n`,
  'another version': `GET /allow/echo HTTP/2.0\r\n${HOST}\r\n`,
  TRACE: `TRACE /allow/echo HTTP/1.1\r\n${HOST}\r\n`,
  CONNECT: `CONNECT /allow/echo HTTP/1.1\r\n${HOST}\r\n`,
  'a method override': header('x-http-method-override: DELETE'),
  'another method override': header('x-http-method: DELETE'),
  'an override with underscores': header('x_http_method_override: DELETE'),
  'an original URL': header('x-original-url: /deny'),
  'a rewritten URL': header('x-rewrite-url: /deny'),
  'a length with an underscore': header('content_length: 5'),
  'a coding with an underscore': header('transfer_encoding: chunked'),
  'a forwarded host with underscores': header('x_forwarded_host: evil'),
  'a user of a front proxy': header('x-remote-user: admin'),
  'extras of a front proxy': header('x-remote-extra-scopes: all'),
  'another expectation': `${POST}expect: 200-ok\r\ncontent-length: 5\r\n\r\nhello`,
})

const SIZES = cases('MESSAGE_TOO_LARGE', {
  'a head that is too large': header(`a: ${'x'.repeat(70_000)}`),
  'too many headers': header(Array.from({ length: 200 }, (_, n) => `a${n}: 1`).join('\r\n')),
  'a target that is too long': target(`/allow/${'x'.repeat(20_000)}`),
  'a path that is too deep': target(`/allow${'/x'.repeat(200)}`),
  'too many parameters': target(`/allow/echo?${'a=1&'.repeat(300)}`),
  'a size line without an end': chunked('0'.repeat(400)),
  'trailers without an end': chunked(`0\r\n${'a: 1\r\n'.repeat(4000)}`),
})

export const DESYNC_CASES: readonly DesyncCase[] = [
  ...FRAMING,
  ...CHUNKS,
  ...HEAD,
  ...LINE,
  ...PATHS,
  ...METHODS,
  ...SIZES,
]
