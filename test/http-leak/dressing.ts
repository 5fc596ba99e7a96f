import { createHash } from 'node:crypto'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Dice } from '../support/dice.ts'
import type { Script } from './scripted-target.ts'
import type { Secret } from './secrets.ts'

/** How an answer is put on the wire; chosen once, and worn by the answers for both secrets. */
export interface Dressing {
  readonly names: readonly string[]
  readonly coding: keyof typeof CODINGS
  readonly framing: keyof typeof FRAMINGS
  readonly before: keyof typeof BEFORE
  readonly extra: keyof typeof EXTRA
  /** Of the body, where a piece ends. */
  readonly cuts: readonly number[]
}

export interface Told {
  readonly status: number
  readonly type: readonly string[]
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly secret: Secret
}

interface Coded {
  readonly body: Buffer
  readonly headers: readonly string[]
}

/** Ways in which a body may be compressed, or said to be. */
const CODINGS = {
  plain: (body: Buffer): Coded => ({ body, headers: [] }),
  identity: (body: Buffer): Coded => ({ body, headers: ['content-encoding: identity'] }),
  gzip: (body: Buffer) => coded(gzipSync(body), 'gzip'),
  deflate: (body: Buffer) => coded(deflateSync(body), 'deflate'),
  br: (body: Buffer) => coded(brotliCompressSync(body), 'br'),
  zstd: (body: Buffer) => coded(zstdCompressSync(body), 'zstd'),
  oldName: (body: Buffer) => coded(gzipSync(body), 'x-gzip'),
  list: (body: Buffer) => coded(gzipSync(body), 'identity, gzip'),
  two: (body: Buffer) => coded(gzipSync(body), 'identity', 'gzip'),
  empty: (body: Buffer) => coded(gzipSync(body), ''),
  liar: (body: Buffer) => coded(body, 'gzip'),
  transfer: (body: Buffer): Coded => ({ body, headers: ['transfer-encoding: gzip'] }),
}

function coded(body: Buffer, ...labels: readonly string[]): Coded {
  return { body, headers: labels.map((label) => `content-encoding: ${label}`) }
}

interface Framed {
  readonly headers: readonly string[]
  readonly pieces: readonly Buffer[]
  readonly closes?: boolean
}

type Frame = (body: Buffer, cuts: readonly number[], secret: Secret) => Framed

const CHUNKED = ['transfer-encoding: chunked']

const FRAMINGS = {
  length: (body, cuts) => ({
    headers: [`content-length: ${body.length}`],
    pieces: cut(body, cuts),
  }),
  chunked: (body, cuts) => ({ headers: CHUNKED, pieces: [...chunks(body, cuts), last()] }),
  trailers: (body, cuts, { word }) => ({
    headers: [...CHUNKED, 'trailer: x-secret, digest'],
    pieces: [
      ...chunks(body, cuts),
      last(`x-secret: ${word}`, `digest: sha-256=${digestOf(body)}`, `content-md5: ${md5Of(body)}`),
    ],
  }),
  extensions: (body, _cuts, { word }) => ({
    headers: CHUNKED,
    pieces: [Buffer.from(`${body.length.toString(16)};a="${word}"\r\n`), body, Buffer.from('\r\n')],
    closes: true,
  }),
  close: (body, cuts) => ({
    headers: ['connection: close'],
    pieces: cut(body, cuts),
    closes: true,
  }),
  tooLong: (body, _cuts, { word }) => ({
    headers: [`content-length: ${body.length}`],
    pieces: [body, Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n${word}`)],
  }),
  tooShort: (body) => ({
    headers: [`content-length: ${body.length + 10}`],
    pieces: [body],
    closes: true,
  }),
  both: (body) => ({
    headers: [...CHUNKED, `content-length: ${body.length}`],
    pieces: [...chunks(body, []), last()],
    closes: true,
  }),
} satisfies Readonly<Record<string, Frame>>

/** What comes before the answer, and how its first line ends. */
const BEFORE = {
  nothing: () => ['', 'OK'],
  reason: ({ word }: Secret) => ['', word],
  hints: ({ word }: Secret) => [
    `HTTP/1.1 103 Early Hints\r\nlink: </${word}>; rel=preload\r\n\r\n`,
    'OK',
  ],
  processing: ({ word }: Secret) => [`HTTP/1.1 102 Processing\r\nx-secret: ${word}\r\n\r\n`, 'OK'],
  continue: () => ['HTTP/1.1 100 Continue\r\n\r\n', 'OK'],
} satisfies Readonly<Record<string, (secret: Secret) => readonly [string, string] | string[]>>

/** Headers that tell of the body, or that quote. */
const EXTRA = {
  nothing: () => [],
  md5: (body: Buffer) => [`content-md5: ${md5Of(body)}`, `x-ms-blob-content-md5: ${md5Of(body)}`],
  digest: (body: Buffer) => [
    `digest: sha-256=${digestOf(body)}`,
    `content-digest: sha-256=:${digestOf(body)}:`,
    `repr-digest: sha-256=:${digestOf(body)}:`,
  ],
  cookie: (_: Buffer, { word }: Secret) => [`set-cookie: a=${word}`, `alt-svc: ${word}=":1"`],
  challenge: (_: Buffer, { word }: Secret) => [`www-authenticate: Bearer realm="${word}"`],
  named: (_: Buffer, { word }: Secret) => [`connection: x-hop`, `x-hop: ${word}`],
} satisfies Readonly<Record<string, (body: Buffer, secret: Secret) => readonly string[]>>

/** Nothing strange about it: what is due must be shown, and masked. */
export const PLAIN: Dressing = {
  names: [],
  coding: 'plain',
  framing: 'length',
  before: 'nothing',
  extra: 'nothing',
  cuts: [],
}

export function dressing(dice: Dice): Dressing {
  const rarely = <T extends string>(usual: T, others: object, share: number): T =>
    dice.between(0, share) === 0 ? (dice.pick(Object.keys(others)) as T) : usual
  const coding = rarely('plain', CODINGS, 4) as Dressing['coding']
  const framing = rarely('length', FRAMINGS, 2) as Dressing['framing']
  const before = rarely('nothing', BEFORE, 5) as Dressing['before']
  const extra = rarely('nothing', EXTRA, 2) as Dressing['extra']
  const cuts = Array.from({ length: dice.between(0, 6) }, () => dice.between(1, 400))
  const names = [coding, framing, before, extra].map((name) => `as ${name}`)
  return { names, coding, framing, before, extra, cuts }
}

/** The bytes of an answer. */
export function dressed(told: Told, { coding, framing, before, extra, cuts }: Dressing): Script {
  const { status, secret } = told
  const { body, headers } = CODINGS[coding](told.body)
  const framed: Framed = (FRAMINGS[framing] as Frame)(body, cuts, secret)
  const [interim, reason] = BEFORE[before](secret)
  const head = [
    `${interim}HTTP/1.1 ${status} ${reason}`,
    'date: Tue, 24 Nov 2026 12:00:00 GMT',
    ...told.type.map((type) => `content-type: ${type}`),
    ...told.headers,
    ...EXTRA[extra](told.body, secret),
    ...headers,
    ...framed.headers,
  ]
  return {
    pieces: [Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), ...framed.pieces],
    closes: framed.closes === true,
  }
}

/** Whether the dressing alone makes two readers disagree, so that it may be refused for that. */
export function isOdd({ coding, framing }: Dressing): boolean {
  const plain = coding === 'plain' || coding === 'identity'
  return !plain || ['extensions', 'tooLong', 'tooShort', 'both'].includes(framing)
}

function cut(body: Buffer, cuts: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const length of cuts) {
    if (at + length >= body.length) break
    pieces.push(body.subarray(at, at + length))
    at += length
  }
  return [...pieces, body.subarray(at)]
}

function chunks(body: Buffer, cuts: readonly number[]): Buffer[] {
  return cut(body, cuts)
    .filter((piece) => piece.length > 0)
    .map((piece) =>
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
    )
}

function last(...fields: readonly string[]): Buffer {
  return Buffer.from(`0\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`)
}

function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64')
}

function md5Of(body: Buffer): string {
  return createHash('md5').update(body).digest('base64')
}
