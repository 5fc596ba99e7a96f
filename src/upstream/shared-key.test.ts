import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { blobAuthorization, tableAuthorization } from './shared-key.ts'

const ACCOUNT = { name: 'acme', key: Buffer.alloc(64, 7).toString('base64') }
const DATE = 'Tue, 24 Nov 2026 12:00:00 GMT'

function signed(text: string): string {
  const hmac = createHmac('sha256', Buffer.alloc(64, 7)).update(text, 'utf8').digest('base64')
  return `SharedKey acme:${hmac}`
}

test('blobs and queues: every line of the documented string, empty ones too', () => {
  const got = blobAuthorization(
    {
      method: 'PUT',
      target: '/logs/a%20b?comp=block&blockid=QUE%3D&Timeout=30',
      headers: [
        ['content-type', 'text/plain'],
        ['x-ms-version', '2024-11-04'],
        ['x-ms-date', DATE],
        ['content-length', '11'],
        ['if-match', '"x"'],
        ['range', 'bytes=0-1'],
        ['x-ms-meta-b', '  two   blanks '],
        ['accept', '*/*'],
      ],
    },
    ACCOUNT,
  )
  const lines = ['PUT', '', '', '11', '', 'text/plain', '', '', '"x"', '', '', 'bytes=0-1']
  const headers = [`x-ms-date:${DATE}`, 'x-ms-meta-b:two blanks', 'x-ms-version:2024-11-04']
  const resource = ['/acme/logs/a%20b', 'blockid:QUE=', 'comp:block', 'timeout:30']
  assert.equal(got, signed([...lines, ...headers, ...resource].join('\n')))
})

test('a length of nothing is no length, and parameters of one name are one line', () => {
  const got = blobAuthorization(
    {
      method: 'GET',
      target: '/?comp=list&include=b&include=a',
      headers: [
        ['content-length', '0'],
        ['x-ms-date', DATE],
      ],
    },
    ACCOUNT,
  )
  const lines = ['GET', '', '', '', '', '', '', '', '', '', '', '']
  const rest = [`x-ms-date:${DATE}`, '/acme/', 'comp:list', 'include:a,b']
  assert.equal(got, signed([...lines, ...rest].join('\n')))
})

test('tables: five lines, the date in them, and of the query comp alone', () => {
  const headers = [
    ['content-type', 'application/json'],
    ['x-ms-date', DATE],
    ['x-ms-version', '2019-02-02'],
  ] as const
  const query = tableAuthorization(
    { method: 'GET', target: '/Orders()?$filter=a%20eq%201', headers },
    ACCOUNT,
  )
  assert.equal(query, signed(`GET\n\napplication/json\n${DATE}\n/acme/Orders()`))
  const acl = tableAuthorization({ method: 'PUT', target: '/Orders?comp=acl', headers }, ACCOUNT)
  assert.equal(acl, signed(`PUT\n\napplication/json\n${DATE}\n/acme/Orders?comp=acl`))
})
