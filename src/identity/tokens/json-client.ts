import type { IncomingMessage } from 'node:http'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { ChaperoneError } from '../../core/errors.ts'
import { FETCH_TIMEOUT_MS, RESPONSE_BYTES_MAX } from './limits.ts'

interface JsonRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface JsonAnswer {
  readonly status: number
  readonly body: unknown
}

/** Asks a provider. Rejects with PROVIDER_UNAVAILABLE when there is no JSON answer in time. */
export type JsonClient = (url: string, request?: JsonRequest) => Promise<JsonAnswer>

export interface JsonClientOptions {
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[]
  readonly timeout_ms?: number
  readonly responseBytesMax?: number
}

/**
 * A client over verified TLS that follows no redirect and reads no more than it was told. Plain
 * HTTP is for loopback alone. node:https rather than fetch, because fetch cannot be given a `ca`.
 */
export function createJsonClient(options: JsonClientOptions = {}): JsonClient {
  return async (url, request = {}) => {
    const target = safeUrl(url)
    const signal = AbortSignal.timeout(options.timeout_ms ?? FETCH_TIMEOUT_MS)
    try {
      const response = await send(target, request, options, signal)
      const text = await readBounded(response, options.responseBytesMax ?? RESPONSE_BYTES_MAX)
      return { status: response.statusCode ?? 0, body: JSON.parse(text) as unknown }
    } catch (error) {
      throw new ChaperoneError('PROVIDER_UNAVAILABLE', `${target.host} gave no usable answer.`, {
        hint: 'Check that the gateway can reach the identity provider and trusts its certificate.',
        cause: error,
      })
    }
  }
}

/** Refuses a URL that would carry a question in clear over a network. Throws CONFIG_INVALID. */
export function safeUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url?.hostname ?? '')
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return url
  throw new ChaperoneError('CONFIG_INVALID', 'An identity provider must be asked over https.', {
    hint: 'Write an https:// URL; plain http is accepted for loopback addresses alone.',
  })
}

function send(
  url: URL,
  { method = 'GET', headers = {}, body }: JsonRequest,
  { ca }: JsonClientOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const common = {
      method,
      signal,
      agent: false,
      headers: { accept: 'application/json', ...headers },
    }
    const request =
      url.protocol === 'http:'
        ? plainRequest(url, common)
        : tlsRequest(url, { ...common, ...(ca === undefined ? {} : { ca: mutable(ca) }) })
    request.on('response', resolve)
    request.on('error', reject)
    request.end(body)
  })
}

function mutable(ca: NonNullable<JsonClientOptions['ca']>): string | Buffer | (string | Buffer)[] {
  return typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...(ca as readonly string[])]
}

async function readBounded(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      response.destroy()
      throw new Error('the answer is too large')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
