import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Io } from '../../../src/cli/common/io.ts'
import { run } from '../../../src/cli/program.ts'

/** What the fake gateway was asked. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly body: string
}

export interface Answer {
  readonly status?: number
  readonly body?: unknown
}

/** A gateway API for tests of the command line: answers by `METHOD /path`, query left out. */
export async function startGateway(answers: Readonly<Record<string, Answer | (() => Answer)>>) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request
      asked.push({ method, url, authorization: headers.authorization, body })
      const found = answers[`${method} ${url.split('?')[0]}`] ?? notFound
      const answer = typeof found === 'function' ? found() : found
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
      response.end(answer.body === undefined ? '' : JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { address, asked, close: () => server.close() }
}

const notFound: Answer = {
  status: 404,
  body: { error: { code: 'ROUTE_UNKNOWN', message: 'No such route.', hint: 'None.' } },
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line with everything outside replaced. */
export async function runWith(words: readonly string[], change: Partial<Io> = {}): Promise<Ran> {
  let [out, err] = ['', '']
  const io: Io = {
    out: { write: (line) => void (out += line), colour: false },
    err: { write: (line) => void (err += line), colour: false },
    environment: { CHAPERONE_TOKEN: 'human-token' },
    folder: join(mkdtempSync(join(tmpdir(), 'cli-')), 'chaperone'),
    clock: { now_ms: () => 0 },
    readInput: () => Promise.resolve(''),
    ask: undefined,
    sleep: () => Promise.resolve(),
    ...change,
  }
  const code = await run(words, io)
  return { code, out, err }
}
