import type { Reply, Request } from '../entra/http.ts'

interface Part {
  readonly id?: string
  readonly method?: string
  readonly httpMethod?: string
  readonly url?: string
  readonly relativeUrl?: string
  readonly content?: unknown
  readonly body?: unknown
}

/** `/batch` of Resource Manager and `/$batch` of Graph: every request in it, one after the other. */
export function answerBatch(request: Request, answer: (one: Request) => Reply): Reply {
  const { requests = [] } = JSON.parse(request.text) as { requests?: readonly Part[] }
  const isGraph = request.path.startsWith('/v1.0/')
  const responses = requests.map((part) => {
    const relative = part.url ?? part.relativeUrl ?? ''
    const url = new URL(isGraph ? `/v1.0${relative}` : relative, 'http://emulator')
    const content = part.content ?? part.body
    const reply = answer({
      ...request,
      method: part.method ?? part.httpMethod ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      text: content === undefined ? '' : JSON.stringify(content),
    })
    return isGraph
      ? { id: part.id, status: reply.status, body: reply.body }
      : { httpStatusCode: reply.status, headers: reply.headers ?? {}, content: reply.body }
  })
  return { status: 200, body: { responses } }
}
