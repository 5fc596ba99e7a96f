import type { IncomingMessage } from 'node:http'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { ChaperoneError } from '../../core/errors.ts'

/** A page of records is far below this; more is not ours. */
const BODY_BYTES_MAX = 32 * 1024 * 1024
/** The gateway answers at once, or after a disk write. */
const TIMEOUT_MS = 60_000

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string
}

export interface HttpResponse {
  readonly status: number
  readonly text: string
}

/**
 * One request; redirects are not followed, for a token must not travel on. Rejects with
 * API_UNREACHABLE, also for plain HTTP to anywhere but this machine.
 */
export async function send(request: HttpRequest): Promise<HttpResponse> {
  const { url } = request
  if (!mayCarrySecrets(url)) {
    throw unreachable(url, 'Plain http is refused: it would show the token.', 'Use https.')
  }
  try {
    const response = await respond(request)
    return { status: response.statusCode ?? 0, text: await readBody(response) }
  } catch (error) {
    throw unreachable(url, `${url.origin} cannot be reached: ${reason(error)}.`, hintFor(error))
  }
}

export function mayCarrySecrets(url: URL): boolean {
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

function respond({ method, url, headers, body, ca }: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers }, signal: AbortSignal.timeout(TIMEOUT_MS) }
    const outgoing =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) })
        : plainRequest(url, options)
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

function hintFor(error: unknown): string {
  return /CERT|SIGNATURE|ALTNAME|SELF_SIGNED|ISSUER/.test(reason(error))
    ? 'Its certificate is not trusted: give the authority with --ca or CHAPERONE_CA.'
    : 'Check --api or CHAPERONE_API, and that the gateway runs.'
}

function unreachable(url: URL, message: string, hint: string): ChaperoneError {
  return new ChaperoneError('API_UNREACHABLE', message, { hint, place: { field: url.origin } })
}
