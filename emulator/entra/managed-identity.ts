import { apiOfResource } from './directory.ts'
import type { Reply, Request } from './http.ts'
import { issueForApp } from './oauth.ts'
import type { IssueToken, State } from './state.ts'

/** Managed identities get tokens that live a day; this is what is told of them. */
const LIFETIME_S = 3600

/**
 * The token endpoint of a virtual machine (`Metadata: true`) and of App Service
 * (`X-IDENTITY-HEADER`), on one path.
 */
export async function answerManagedIdentity(
  state: State,
  issue: IssueToken,
  { headers, query }: Request,
): Promise<Reply> {
  const onVm = headers['metadata'] === 'true'
  const onAppService = headers['x-identity-header'] === state.identityHeader
  if (!onVm && !onAppService) return failure(onVm ? 401 : 400, 'a header is missing or wrong')
  const api = apiOfResource(state.directory, query.get('resource') ?? '')
  const app = chosenApp(state, query)
  if (api === undefined || app === undefined) return failure(400, 'no such resource or identity')
  const token = await issueForApp(issue, app, api)
  const now_s = Math.floor(state.clock.now_ms() / 1000)
  return {
    status: 200,
    body: {
      access_token: token,
      client_id: app.clientId,
      expires_on: String(now_s + LIFETIME_S),
      not_before: String(now_s),
      resource: api.uri,
      token_type: 'Bearer',
      ...(onVm ? { expires_in: String(LIFETIME_S) } : {}),
    },
  }
}

function chosenApp(state: State, query: URLSearchParams): State['managedIdentity'] {
  const clientId = query.get('client_id')
  const objectId = query.get('object_id') ?? query.get('principal_id')
  const apps = [...state.directory.apps.values()]
  if (clientId !== null) return state.directory.apps.get(clientId)
  if (objectId !== null) return apps.find((app) => app.objectId === objectId)
  return state.managedIdentity
}

function failure(status: number, description: string): Reply {
  return { status, body: { error: 'invalid_request', error_description: description } }
}
