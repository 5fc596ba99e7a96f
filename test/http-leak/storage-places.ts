import type { Place } from './place.ts'
import { base64, json, SEEN } from './place.ts'
import type { Secret } from './secrets.ts'
import type { Value } from './spelling.ts'

const SERVICES = 'Microsoft.Storage/storageAccounts'

export const STORAGE_RULES = `
  - id: people
    allow: { actions: ['${SERVICES}/tableServices/tables/entities/read'], objects: [acme/people] }
    mask: [{ columns: [acme/people/Email], with: redact }]
  - id: keyed
    allow: { actions: ['${SERVICES}/tableServices/tables/entities/read'], objects: [acme/keyed] }
    mask: [{ columns: [acme/keyed/RowKey], with: redact }]
  - id: jobs
    allow: { actions: ['${SERVICES}/queueServices/queues/messages/*'], objects: [acme/jobs] }
    mask: [{ columns: [acme/jobs/MessageText], with: redact }]
  - id: found-jobs
    allow: { actions: ['${SERVICES}/queueServices/queues/messages/*'], objects: [acme/found] }
    mask: [{ detect: [email, payment-card], with: redact }]
  - id: exports
    allow: { actions: ['${SERVICES}/blobServices/containers/blobs/read'], objects: ['acme/exports/**'] }
    mask: [{ columns: ['acme/exports/**/ssn'], with: redact }]
  - id: texts
    allow: { actions: ['${SERVICES}/blobServices/containers/blobs/read', '${SERVICES}/blobServices/containers/blobs/*/read'], objects: ['acme/texts/**'] }
    mask: [{ detect: [email, payment-card], with: redact }]
`

const VERSION = { 'x-ms-version': '2024-11-04' }
const XML = 'application/xml'

const entity = ({ word }: Secret): Record<string, Value> => ({
  PartitionKey: 'p',
  RowKey: 'r',
  Timestamp: '2026-11-24T12:00:00Z',
  'Email@odata.type': 'Edm.String',
  Email: word,
  Name: SEEN,
})

const keyed = ({ word }: Secret): Record<string, Value> => ({
  'odata.etag': 'W/"1"',
  'odata.id': `https://acme.table.core.windows.net/keyed(PartitionKey='p',RowKey='${word}')`,
  'odata.editLink': `keyed(PartitionKey='p',RowKey='${word}')`,
  PartitionKey: 'p',
  RowKey: word,
  Name: SEEN,
})

const table = (
  level: string,
  accept: string,
  path: string,
  make: (secret: Secret) => Value,
): Place => ({
  name: `table ${level} ${path.split(/[(?]/)[0]}`,
  line: `GET /acme/table/${path}`,
  headers: { ...VERSION, accept },
  type: `application/json;odata=${level};streaming=true;charset=utf-8`,
  document: json(make),
})

const TABLES = ['nometadata', 'minimalmetadata', 'fullmetadata'].flatMap((level): Place[] => {
  const accept = `application/json;odata=${level}`
  const context = level === 'nometadata' ? {} : { 'odata.metadata': SEEN }
  return [
    table(level, accept, 'people()', (s) => ({ ...context, value: [entity(s), entity(s)] })),
    table(level, accept, "people(PartitionKey='p',RowKey='r')", (s) => ({
      ...context,
      ...entity(s),
    })),
    table(level, accept, 'keyed()', (s) => ({ ...context, value: [keyed(s)] })),
  ]
})

/** An Atom feed, which no mask can go through. */
const ATOM: Place = {
  name: 'table atom',
  line: 'GET /acme/table/people()',
  headers: { ...VERSION, accept: 'application/json' },
  type: 'application/atom+xml;charset=utf-8',
  isText: true,
  isHidden: true,
  document: ({ word }) =>
    `<feed><entry><content type="application/xml"><m:properties><d:Email>${word}</d:Email></m:properties></content></entry></feed>`,
}

function messages(text: (secret: Secret) => string, around = (inner: string) => inner) {
  return (secret: Secret): string =>
    around(
      `<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>${SEEN}</MessageId>${text(secret)}<DequeueCount>1</DequeueCount></QueueMessage></QueueMessagesList>`,
    )
}

const plainText = (inner: string) => `<MessageText>${inner}</MessageText>`

const numbered = (text: string) =>
  Array.from(text)
    .map((c, at) =>
      at % 2 === 0 ? `&#${c.charCodeAt(0)};` : `&#x${c.charCodeAt(0).toString(16)};`,
    )
    .join('')

/** Ways to write a message's text; those behind the first three are not how the service writes. */
const TEXTS: Readonly<Record<string, (text: string) => string>> = {
  plain: plainText,
  base64: (text) => plainText(base64(text)),
  numbered: (text) => plainText(numbered(text)),
  cdata: (text) => plainText(`<![CDATA[${text}]]>`),
  attribute: (text) => `<MessageText xml:space="preserve">${text}</MessageText>`,
  blank: (text) => `<MessageText >${text}</MessageText >`,
  prefixed: (text) => `<q:MessageText>${text}</q:MessageText>`,
  commented: (text) => plainText(`${text.slice(0, 3)}<!-- -->${text.slice(3)}`),
  nested: (text) => plainText(`<b>${text}</b>`),
  otherCase: (text) => `<messagetext>${text}</messagetext>`,
  twice: (text) => plainText(text) + plainText(text),
  outside: (text) => `${plainText('a')}${text}`,
}

/** How the service does not write is refused: it may hold a text that is not found. */
const WRITTEN: ReadonlySet<string> = new Set(['plain', 'base64', 'numbered', 'twice'])

const queue = (
  name: string,
  path: string,
  document: (secret: Secret) => string,
  isHidden = false,
): Place => ({
  name: `queue ${name}`,
  line: `GET /acme/queue/${path}/messages`,
  headers: VERSION,
  type: XML,
  isText: true,
  isHidden,
  document,
})

const ENTITY = '<!DOCTYPE q [<!ENTITY s "'

const QUEUES: readonly Place[] = [
  ...Object.entries(TEXTS).map(([name, write]) =>
    queue(
      `text ${name}`,
      'jobs',
      messages(({ word }) => write(word)),
      !WRITTEN.has(name),
    ),
  ),
  queue(
    'entity of its own',
    'jobs',
    (s) => messages(() => plainText('&s;'))(s).replace('<Queue', `${ENTITY}${s.word}">]><Queue`),
    true,
  ),
  ...['plain', 'base64', 'numbered'].map((name) =>
    queue(
      `searched ${name}`,
      'found',
      messages(({ email, card }) => TEXTS[name]!(`to ${email}, ${card}.`)),
    ),
  ),
]

/** A content of the same length, whatever the secret is. */
const people = ({ even }: Secret): Value => ({
  people: [{ name: SEEN, ssn: even, more: [{ ssn: { first: even } }, even.length] }],
  ssn: [even, [even]],
})

const blob = (name: string, path: string, type: string, more: Partial<Place>): Place => ({
  name: `blob ${name}`,
  line: `GET /acme/blob/${path}`,
  headers: VERSION,
  type,
  document: json(people),
  ...more,
})

const text = ({ email, card }: Secret): string =>
  `name,mail,card\r\n${SEEN},${email},${card}\n"${email}";'${card}'\n`

const searched = (name: string, path: string, type: string, more: Partial<Place> = {}): Place =>
  blob(name, path, type, { isText: true, typeMatters: true, document: text, ...more })

const metadata = ({ email, card }: Secret) => [
  `x-ms-meta-owner: ${email}`,
  `x-ms-meta-a: ${SEEN} ${card}`,
]

const BLOBS: readonly Place[] = [
  blob('json', 'exports/a.json', 'application/json', {}),
  blob('json by its name', 'exports/a.json', 'application/octet-stream', {}),
  blob('lines', 'exports/a.ndjson', 'application/x-ndjson', {
    document: (secret, dice) => {
      const line = json(people)(secret, dice).replaceAll(/[\r\n]/g, ' ')
      return `${line}\n${line}\n`
    },
  }),
  blob('avro', 'exports/a.avro', 'avro/binary', {
    isText: true,
    isHidden: true,
    document: ({ even }) => `Obj\u0001\u0002${even}`,
  }),
  blob('csv of masked fields', 'exports/a.csv', 'text/csv', {
    isText: true,
    isHidden: true,
    document: ({ even }) => `ssn\n${even}\n`,
  }),
  searched('csv', 'texts/a.csv', 'text/csv'),
  searched('text', 'texts/a.txt', 'text/plain; charset=utf-8'),
  searched('form', 'texts/form', 'application/x-www-form-urlencoded', {
    document: ({ email }) => `a=${SEEN}&mail=${email.replace('@', '%40')}&b=1`,
  }),
  searched('yaml', 'texts/a.yaml', 'application/yaml', {
    document: ({ email }) => `a: ${SEEN}\nmail: "${email}"\nb: |\n  ${email}\n`,
  }),
  searched('events', 'texts/events', 'text/event-stream', {
    document: ({ email, card }) => `event: ${SEEN}\ndata: ${email}\n\ndata: ${card}\n\n`,
  }),
  searched('part of a text', 'texts/a.txt', 'text/plain', {
    headers: { ...VERSION, range: 'bytes=10-' },
    status: 206,
    answerHeaders: () => ['content-range: bytes 10-80/4000'],
    isHidden: true,
  }),
  searched('parts of a text', 'texts/a.txt', 'multipart/byteranges; boundary=b', {
    status: 206,
    isHidden: true,
    document: (s) =>
      `--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-9/99\r\n\r\n${text(s)}\r\n--b--`,
  }),
  searched('all of a text as a part', 'texts/a.txt', 'text/plain', {
    headers: { ...VERSION, range: 'bytes=0-9999' },
    status: 206,
    answerHeaders: (s) => [`content-range: bytes 0-${text(s).length - 1}/${text(s).length}`],
  }),
  searched('metadata', 'texts/a.bin', 'application/zip', {
    document: () => SEEN,
    answerHeaders: metadata,
  }),
  {
    ...searched('metadata alone', 'texts/a.txt', 'text/plain'),
    line: 'HEAD /acme/blob/texts/a.txt',
    answerHeaders: metadata,
    isHidden: true,
    document: () => '',
  },
  searched('listing', 'texts?restype=container&comp=list&include=metadata', XML, {
    typeMatters: true,
    document: ({ email, card }) =>
      `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs><Blob><Name>${SEEN} ${email}</Name><Metadata><a>${card}</a></Metadata><Properties><Content-MD5>AAAA</Content-MD5></Properties></Blob></Blobs></EnumerationResults>`,
  }),
]

export const STORAGE_PLACES: readonly Place[] = [...TABLES, ATOM, ...QUEUES, ...BLOBS]
