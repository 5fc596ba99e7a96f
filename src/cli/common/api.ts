import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Code } from '../../core/codes.ts'
import { CODES } from '../../core/codes.ts'
import { ChaperoneError } from '../../core/errors.ts'
import type { HttpResponse } from './http.ts'
import { send } from './http.ts'

export interface ApiOptions {
  /** Base address; a path in it is kept as a prefix. */
  readonly address: string
  readonly caFile?: string
}

export interface Api {
  readonly address: string
  readonly ca?: string
  /** The answer's JSON. Rejects with the code that the gateway gave, or API_UNREACHABLE. */
  call(method: string, path: string, options?: CallOptions): Promise<unknown>
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly token?: string
}

export function createApi(options: ApiOptions): Api {
  if (!URL.canParse(options.address)) throw badAddress()
  const base = options.address.replace(/(?<!\/)\/+$/, '')
  const ca = options.caFile === undefined ? undefined : readCa(options.caFile)
  return {
    address: base,
    ...(ca === undefined ? {} : { ca }),
    async call(method, path, call = {}) {
      const response = await send({
        method,
        url: urlOf(base, path, call.query),
        ...payload(call),
        ...(ca === undefined ? {} : { ca }),
      })
      if (response.status >= 200 && response.status < 300) return parse(response)
      throw refusal(response)
    },
  }
}

function urlOf(base: string, path: string, query: CallOptions['query'] = {}): URL {
  const url = new URL(`${base}${path}`)
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value))
  }
  return url
}

function payload(call: CallOptions) {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (call.token !== undefined) headers['authorization'] = `Bearer ${call.token}`
  if (call.form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    return { headers, body: new URLSearchParams(call.form).toString() }
  }
  if (call.body === undefined) return { headers }
  headers['content-type'] = 'application/json'
  return { headers, body: JSON.stringify(call.body) }
}

const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    place: z.object({ field: z.string().exactOptional() }).exactOptional(),
  }),
})
/** RFC 6749 section 5.2, with the gateway's own code beside it. */
const oauthSchema = z.object({ error_description: z.string(), code: z.string() })

function refusal(response: HttpResponse): ChaperoneError {
  const body = parseJson(response.text)
  const own = errorSchema.safeParse(body)
  if (own.success) {
    const { code, message, hint, place } = own.data.error
    return new ChaperoneError(codeOf(code), message, {
      ...(hint === undefined ? {} : { hint }),
      ...(place === undefined ? {} : { place }),
    })
  }
  const oauth = oauthSchema.safeParse(body)
  if (oauth.success) {
    return new ChaperoneError(codeOf(oauth.data.code), oauth.data.error_description)
  }
  return new ChaperoneError('API_UNREACHABLE', `An answer of status ${response.status} came.`, {
    hint: 'It does not come from a gateway: check --api or CHAPERONE_API.',
  })
}

/** A newer gateway may know codes that this program does not. */
function codeOf(code: string): Code {
  return Object.hasOwn(CODES, code) ? (code as Code) : 'INTERNAL'
}

function parse(response: HttpResponse): unknown {
  if (response.text === '') return undefined
  const value = parseJson(response.text)
  if (value !== undefined) return value
  throw new ChaperoneError('API_UNREACHABLE', 'The answer is not JSON.', {
    hint: 'It does not come from a gateway: check --api or CHAPERONE_API.',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'The CA file cannot be read.', {
      cause: error,
      place: { file },
    })
  }
}

function badAddress(): ChaperoneError {
  return new ChaperoneError('REQUEST_INVALID', 'The API address is not a URL.', {
    hint: 'Give --api https://host:port or set CHAPERONE_API.',
  })
}
