/**
 * Requests that try to get past the gateway to a storage account. The agent may do everything in
 * `acme/logs/**` and `acme/orders/**` and nothing else; what it is after is in the container or table
 * `secret`. Every one of them has to be refused before anything reaches the target.
 */
export interface Attack {
  readonly name: string
  readonly service?: 'blob' | 'queue' | 'table'
  /** `METHOD target`, below the account where it begins with `~`. */
  readonly line: string
  readonly headers?: readonly string[]
  readonly body?: string
  /** Where the refusal has to come from this very check. */
  readonly code?: string
}

const V = 'x-ms-version: 2024-11-04'
const PUT = [V, 'x-ms-blob-type: BlockBlob']
const copy = (source: string) => [V, `x-ms-copy-source: ${source}`]
const CRLF = '\r\n'
const batch = (...parts: readonly string[]) =>
  [
    ...parts.flatMap((part, i) => [
      '--b1',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${i}`,
      '',
      part,
      '',
    ]),
    '--b1--',
    '',
  ].join(CRLF)
const MIXED = [V, 'Content-Type: multipart/mixed; boundary=b1']
const DELETE = `DELETE /logs/a HTTP/1.1${CRLF}`

const PATHS: readonly Attack[] = [
  { name: 'the thing itself', line: 'GET ~/secret/a', headers: [V], code: 'POLICY_NO_MATCH' },
  { name: 'dots', line: 'GET ~/logs/../secret/a', headers: [V] },
  { name: 'encoded dots', line: 'GET ~/logs/%2e%2e/secret/a', headers: [V] },
  { name: 'half encoded dots', line: 'GET ~/logs/.%2E/secret/a', headers: [V] },
  { name: 'dots with an encoded slash', line: 'GET ~/logs/..%2Fsecret/a', headers: [V] },
  {
    name: 'dots behind an encoded slash',
    line: 'GET ~/logs/x%2F..%2F..%2Fsecret%2Fa',
    headers: [V],
  },
  { name: 'double encoding', line: 'GET ~/logs/%252e%252e/secret/a', headers: [V] },
  { name: 'a double encoded slash', line: 'GET ~/logs/..%252Fsecret/a', headers: [V] },
  { name: 'a backslash', line: 'GET ~/logs/..%5Csecret%5Ca', headers: [V] },
  { name: 'dots with a parameter', line: 'GET ~/logs/..;/secret/a', headers: [V] },
  { name: 'a double slash', line: 'GET ~//secret/a', headers: [V] },
  { name: 'a double slash inside', line: 'GET ~/logs//../secret/a', headers: [V] },
  { name: 'an encoded slash at the start', line: 'GET ~/%2Fsecret/a', headers: [V] },
  { name: 'an encoded slash in the container', line: 'GET ~/logs%2F..%2Fsecret/a', headers: [V] },
  { name: 'a container and blob in one part', line: 'GET ~/secret%2Fa', headers: [V] },
  { name: 'a NUL', line: 'GET ~/secret%00/a', headers: [V] },
  { name: 'a line end', line: 'GET ~/logs/a%0d%0aHost:x', headers: [V] },
  { name: 'a trailing dot', line: 'GET ~/secret./a', headers: [V] },
  { name: 'a trailing blank', line: 'GET ~/secret%20/a', headers: [V] },
  { name: 'capitals', line: 'GET ~/SECRET/a', headers: [V] },
  { name: 'a fullwidth letter', line: 'GET ~/%EF%BD%93ecret/a', headers: [V] },
  { name: 'an overlong slash', line: 'GET ~/logs/..%C0%AFsecret/a', headers: [V] },
  { name: 'a fragment', line: 'GET ~/secret/a#/logs/a', headers: [V] },
  {
    name: 'an absolute form',
    line: 'GET https://acme.blob.core.windows.net/secret/a',
    headers: [V],
  },
  { name: 'another account in the path', line: 'GET ~/../other/secret/a', headers: [V] },
  { name: 'a blob of $root by one name', line: 'GET ~/secret', headers: [V] },
  { name: 'the static site', line: 'GET ~/$web/index.html', headers: [V], code: 'POLICY_NO_MATCH' },
  {
    name: 'logs of the account',
    line: 'GET ~/$logs/blob/2026',
    headers: [V],
    code: 'POLICY_NO_MATCH',
  },
  { name: 'the wrong service', service: 'queue', line: 'GET ~/secret/messages', headers: [V] },
]

const QUERIES: readonly Attack[] = [
  {
    name: 'a listing of all containers',
    line: 'GET ~/?comp=list',
    headers: [V],
    code: 'POLICY_NO_MATCH',
  },
  { name: 'a search over all containers', line: "GET ~/?comp=blobs&where=a%3D'b'", headers: [V] },
  { name: 'an access policy', line: 'PUT ~/logs?restype=container&comp=acl', headers: [V] },
  {
    name: 'public access to a container that it may write',
    line: 'PUT ~/logs?restype=container',
    headers: [V, 'x-ms-blob-public-access: container'],
    code: 'POLICY_NO_MATCH',
  },
  { name: 'a static site', line: 'PUT ~/?restype=service&comp=properties', headers: [V] },
  {
    name: 'a delegation key',
    line: 'POST ~/?restype=service&comp=userdelegationkey',
    headers: [V],
    code: 'REQUEST_SIGNED',
  },
  { name: 'comp in capitals', line: 'PUT ~/logs?restype=container&comp=ACL', headers: [V] },
  { name: 'comp twice', line: 'PUT ~/logs?restype=container&comp=metadata&comp=acl', headers: [V] },
  {
    name: 'comp twice in other letters',
    line: 'PUT ~/logs?restype=container&comp=metadata&COMP=acl',
    headers: [V],
  },
  {
    name: 'comp with an encoded name',
    line: 'PUT ~/logs?restype=container&comp=metadata&c%6Fmp=acl',
    headers: [V],
  },
  {
    name: 'comp behind a semicolon',
    line: 'PUT ~/logs?restype=container&comp=metadata;comp=acl',
    headers: [V],
  },
  { name: 'comp as a list', line: 'PUT ~/logs?restype=container&comp[]=acl', headers: [V] },
  { name: 'comp with a NUL', line: 'PUT ~/logs?restype=container&comp=acl%00', headers: [V] },
  {
    name: 'a signature',
    line: 'GET ~/logs/a?sv=2024-11-04&sr=b&sp=r&sig=x',
    headers: [V],
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'a signature in capitals',
    line: 'GET ~/logs/a?SV=2024-11-04&SIG=x',
    headers: [V],
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'an encoded signature',
    line: 'GET ~/logs/a?%73ig=x',
    headers: [V],
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'a stored policy',
    line: 'GET ~/logs/a?si=readers',
    headers: [V],
    code: 'REQUEST_SIGNED',
  },
  { name: 'no version', line: 'GET ~/logs/a' },
  { name: 'an old version', line: 'GET ~/logs/a', headers: ['x-ms-version: 2009-09-19'] },
  { name: 'two versions', line: 'GET ~/logs/a', headers: [V, 'x-ms-version: 2009-09-19'] },
]

const HEADERS: readonly Attack[] = [
  {
    name: 'a method override',
    line: 'POST ~/logs/a',
    headers: [V, 'X-HTTP-Method-Override: DELETE'],
  },
  {
    name: 'a method for old clients',
    line: 'POST ~/logs/a',
    headers: [V, 'X-HTTP-Method: DELETE'],
  },
  { name: 'another URL', line: 'GET ~/logs/a', headers: [V, 'X-Original-URL: /secret/a'] },
  {
    name: 'a key of its own',
    line: 'GET ~/logs/a',
    headers: [V, 'x-ms-encryption-key: AAAA'],
    code: 'REQUEST_SIGNED',
  },
  { name: 'a header of tomorrow', line: 'PUT ~/logs/a', headers: [...PUT, 'x-ms-run-as: root'] },
  {
    name: 'a header with underscores',
    line: 'GET ~/logs/a',
    headers: [V, 'x_http_method_override: DELETE'],
  },
  {
    name: 'a folded header',
    line: 'GET ~/logs/a',
    headers: [V, 'x-ms-meta-a: b', ' x-ms-version: 2009-09-19'],
  },
  { name: 'two types', line: 'PUT ~/logs/a', headers: [...PUT, 'x-ms-blob-type: PageBlob'] },
  { name: 'two hosts', line: 'GET ~/logs/a', headers: [V, 'Host: other.blob.gateway.example'] },
  {
    name: 'a legal hold on a new blob',
    line: 'PUT ~/logs/a',
    headers: [...PUT, 'x-ms-legal-hold: true'],
    code: 'POLICY_DENIED',
  },
]

const GATEWAY = 'https://acme.blob.gateway.example'

const COPIES: readonly Attack[] = [
  {
    name: 'a source that it may not read',
    line: 'PUT ~/logs/a',
    headers: copy('{account}/secret/a'),
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'the same as a block',
    line: 'PUT ~/logs/a?comp=block&blockid=AAAA',
    headers: copy('{account}/secret/a'),
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'the same as a page',
    line: 'PUT ~/logs/a?comp=page',
    headers: [...copy('{account}/secret/a'), 'x-ms-page-write: update'],
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'the same appended',
    line: 'PUT ~/logs/a?comp=appendblock',
    headers: copy('{account}/secret/a'),
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'the same put from a URL',
    line: 'PUT ~/logs/a',
    headers: [...PUT, 'x-ms-copy-source: {account}/secret/a'],
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'an incremental copy',
    line: 'PUT ~/logs/a?comp=incrementalcopy',
    headers: copy('{account}/secret/a?snapshot=2026-01-01T00:00:00Z'),
    code: 'POLICY_NO_MATCH',
  },
  { name: 'dots in the source', line: 'PUT ~/logs/a', headers: copy('{account}/logs/../secret/a') },
  {
    name: 'encoded dots in the source',
    line: 'PUT ~/logs/a',
    headers: copy('{account}/logs/%2e%2e/secret/a'),
  },
  {
    name: 'an encoded slash in the source',
    line: 'PUT ~/logs/a',
    headers: copy('{account}/logs/..%2Fsecret/a'),
  },
  {
    name: 'a source on another host',
    line: 'PUT ~/logs/a',
    headers: copy('https://evil.example/logs/a'),
  },
  {
    name: 'another account',
    line: 'PUT ~/logs/a',
    headers: copy('https://other.blob.core.windows.net/logs/a'),
  },
  {
    name: 'plain http',
    line: 'PUT ~/logs/a',
    headers: copy('http://acme.blob.gateway.example/logs/a'),
  },
  {
    name: 'a user before the host',
    line: 'PUT ~/logs/a',
    headers: copy(`${GATEWAY}@evil.example/logs/a`),
  },
  { name: 'another port', line: 'PUT ~/logs/a', headers: copy(`${GATEWAY}:1/logs/a`) },
  {
    name: 'the metadata service',
    line: 'PUT ~/logs/a',
    headers: copy('https://169.254.169.254/metadata/x'),
  },
  {
    name: 'an address as a number',
    line: 'PUT ~/logs/a',
    headers: copy('https://2852039166/logs/a'),
  },
  {
    name: 'an address of version 6',
    line: 'PUT ~/logs/a',
    headers: copy('https://[::ffff:a9fe:a9fe]/logs/a'),
  },
  {
    name: 'a signature in the source',
    line: 'PUT ~/logs/a',
    headers: copy('{account}/logs/b?sv=2024&sig=x'),
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'an encoded one',
    line: 'PUT ~/logs/a',
    headers: copy('{account}/logs/b?%73%69%67=x'),
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'one behind a snapshot',
    line: 'PUT ~/logs/a',
    headers: copy('{account}/logs/b?snapshot=2026&sig=x'),
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'a credential for the source',
    line: 'PUT ~/logs/a',
    headers: [...copy('{account}/logs/b'), 'x-ms-copy-source-authorization: Bearer x'],
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'a source of two',
    line: 'PUT ~/logs/a',
    headers: [...copy('{account}/logs/b'), 'x-ms-copy-source: {account}/secret/a'],
  },
  {
    name: 'a source where none is read',
    line: 'PUT ~/logs/a?comp=properties',
    headers: copy('{account}/secret/a'),
  },
  {
    name: 'a source of a kind of its own',
    line: 'PUT ~/logs/a?comp=block&blockid=AAAA',
    headers: [V, 'x-ms-source-url: {account}/secret/a'],
  },
]

const BATCHES: readonly Attack[] = [
  {
    name: 'a forbidden request behind an allowed one',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: batch(DELETE, `DELETE /secret/a HTTP/1.1${CRLF}`),
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'a foreign URL',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: batch(`DELETE https://evil.example/logs/a HTTP/1.1${CRLF}`),
  },
  {
    name: 'a host header inside',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: batch(`DELETE //other.blob.core.windows.net/logs/a HTTP/1.1${CRLF}`),
  },
  {
    name: 'two requests in a part',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: batch(`${DELETE}${CRLF}DELETE /secret/a HTTP/1.1${CRLF}`),
  },
  {
    name: 'a request before the first part',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: `DELETE /secret/a HTTP/1.1${CRLF}${CRLF}${batch(DELETE)}`,
  },
  {
    name: 'a request behind the last part',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: `${batch(DELETE)}--b1${CRLF}Content-Type: application/http${CRLF}${CRLF}DELETE /secret/a HTTP/1.1${CRLF}${CRLF}--b1--${CRLF}`,
  },
  {
    name: 'a boundary of two',
    line: 'POST ~/?comp=batch',
    headers: [V, 'Content-Type: multipart/mixed; boundary=b2; boundary=b1'],
    body: batch(DELETE),
  },
  {
    name: 'bare line feeds',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: batch(DELETE).replaceAll(CRLF, '\n'),
  },
  {
    name: 'a signature inside',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: batch(`DELETE /logs/a?sig=x HTTP/1.1${CRLF}`),
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'a key inside',
    line: 'POST ~/?comp=batch',
    headers: MIXED,
    body: batch(`${DELETE}Authorization: SharedKey acme:AAAA${CRLF}`),
    code: 'REQUEST_SIGNED',
  },
  {
    name: 'a request of another container',
    line: 'POST ~/logs?restype=container&comp=batch',
    headers: MIXED,
    body: batch(`DELETE /secret/a HTTP/1.1${CRLF}`),
  },
  {
    name: 'a batch in other letters',
    line: 'POST ~/?comp=Batch',
    headers: MIXED,
    body: batch(DELETE),
  },
]

const TABLES: readonly Attack[] = [
  {
    name: 'another table',
    service: 'table',
    line: 'GET ~/secret()',
    headers: [V],
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'the same in capitals',
    service: 'table',
    line: 'GET ~/Secret()',
    headers: [V],
    code: 'POLICY_NO_MATCH',
  },
  { name: 'a table behind a table', service: 'table', line: 'GET ~/orders/secret()', headers: [V] },
  {
    name: 'a path out of quotes',
    service: 'table',
    line: "GET ~/orders(PartitionKey='a',RowKey='b')/../secret()",
    headers: [V],
  },
  {
    name: 'an encoded slash in a key',
    service: 'table',
    line: "GET ~/orders(PartitionKey='a',RowKey='b')%2F..%2Fsecret()",
    headers: [V],
  },
  { name: 'metadata', service: 'table', line: 'GET ~/$metadata', headers: [V] },
  { name: 'expansion', service: 'table', line: 'GET ~/orders()?$expand=secret', headers: [V] },
  {
    name: 'a MERGE through POST',
    service: 'table',
    line: "POST ~/secret(PartitionKey='a',RowKey='b')",
    headers: [V, 'X-HTTP-Method: MERGE'],
  },
  {
    name: 'a new table by the second name',
    service: 'table',
    line: 'POST ~/Tables',
    headers: [V, 'Content-Type: application/json'],
    body: '{"TableName":"orders","TableName":"secret"}',
  },
  {
    name: 'a new table in XML',
    service: 'table',
    line: 'POST ~/Tables',
    headers: [V, 'Content-Type: application/atom+xml'],
    body: '<entry/>',
  },
  {
    name: 'another table in a transaction',
    service: 'table',
    line: 'POST ~/$batch',
    headers: MIXED,
    body: `--b1${CRLF}Content-Type: multipart/mixed; boundary=c1${CRLF}${CRLF}${batch(
      `POST {account}/secret HTTP/1.1${CRLF}${CRLF}{}`,
    ).replaceAll('--b1', '--c1')}--b1--${CRLF}`,
    code: 'POLICY_NO_MATCH',
  },
  {
    name: 'a query in a transaction',
    service: 'table',
    line: 'POST ~/$batch',
    headers: MIXED,
    body: batch(`GET {account}/secret() HTTP/1.1${CRLF}`),
  },
]

export const ATTACKS: readonly Attack[] = [
  ...PATHS,
  ...QUERIES,
  ...HEADERS,
  ...COPIES,
  ...BATCHES,
  ...TABLES,
]
