import { createLocalJWKSet, jwtVerify } from 'jose'
import type { Reply, Request } from './http.ts'
import type { State } from './state.ts'

const PATH = /^\/v1\.0\/(servicePrincipals|users)\/([^/]+)\/getMemberObjects$/
const AUDIENCE = 'https://graph.microsoft.com'

/** Microsoft Graph: `POST …/getMemberObjects`, for a bearer of a token for Graph. */
export async function answerGraph(state: State, request: Request): Promise<Reply> {
  const [, collection, id] = PATH.exec(request.path) ?? []
  if (request.method !== 'POST' || collection === undefined) return graphError(404, 'NotFound')
  if (!(await mayAsk(state, request))) return graphError(401, 'InvalidAuthenticationToken')
  const { apps, users } = state.directory
  const members = collection === 'users' ? users : apps
  const found = [...members.values()].find((one) => one.objectId === id)
  if (found === undefined) return graphError(404, 'Request_ResourceNotFound')
  const context = `${state.url}/v1.0/$metadata#Collection(Edm.String)`
  return { status: 200, body: { '@odata.context': context, value: found.groups } }
}

async function mayAsk(state: State, { headers }: Request): Promise<boolean> {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  try {
    const keys = createLocalJWKSet({ keys: state.keys.published() })
    const currentDate = new Date(state.clock.now_ms())
    await jwtVerify(token ?? '', keys, { audience: [AUDIENCE, state.url], currentDate })
    return true
  } catch {
    return false
  }
}

function graphError(status: number, code: string): Reply {
  return { status, body: { error: { code, message: `${code}.` } } }
}
