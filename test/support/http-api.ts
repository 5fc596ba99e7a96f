import { CODES } from '../../src/core/codes.ts'
import type { HttpApi, Reading } from '../../src/protocol/http/api.ts'
import type { RequestHead } from '../../src/protocol/http/head.ts'

/**
 * An API without a meaning of its own: the first segment of a path is the kind of the operation
 * (`allow`, `deny`, `hold`), and `body` says that the body is needed to judge it.
 */
export function testApi(over: Partial<HttpApi<string>> = {}): HttpApi<string> {
  return {
    protocol: 'kubernetes',
    path: { emptySegments: false, encodedSlashes: false },
    read,
    prepare: () => ({}),
    answer: (_request, _judgement, { headers }) => ({ type: 'pass', headers }),
    refuse: ({ code, message }) => ({
      status: CODES[code].http,
      headers: [['content-type', 'application/json']],
      body: JSON.stringify({ code, message }),
    }),
    ...over,
  }
}

const BODY_BYTES_MAX = 100_000

function read(head: RequestHead, body: Buffer | undefined): Reading<string> {
  const [kind = ''] = head.segments
  if (kind === 'body' && body === undefined) return { type: 'body', bytesMax: BODY_BYTES_MAX }
  const seen = body === undefined ? '' : ` ${body.toString('latin1')}`
  return {
    type: 'request',
    request: {
      operation: {
        kind: kind === 'body' ? (head.segments[1] ?? '') : kind,
        fingerprint: head.path,
        accesses: [{ action: `test.${head.method}`, object: head.segments, grant: 'required' }],
        predicates: [],
        results: [],
        facts: { statements: 1, readOnly: head.method === 'GET', hasWhere: false },
      },
      text: `${head.method} ${head.path}${seen}`,
      note: '',
    },
  }
}
