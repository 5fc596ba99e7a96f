import { createHash, randomBytes } from 'node:crypto'
import { importJWK, jwtVerify } from 'jose'
import type { Api, App, User } from './directory.ts'
import { apiOfResource, apiOfScope, audienceOf } from './directory.ts'
import type { Reply, Request } from './http.ts'
import type { IssueToken, State } from './state.ts'

const TOKEN_LIFETIME_S = 3600
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** The token endpoint: client credentials, device code, authorization code, refresh token. */
export async function answerTokenRequest(
  state: State,
  issue: IssueToken,
  request: Request,
): Promise<Reply> {
  const { form } = request
  switch (form.get('grant_type') ?? '') {
    case 'client_credentials':
      return clientCredentials(state, issue, form)
    case 'urn:ietf:params:oauth:grant-type:device_code':
      return deviceCode(state, issue, form)
    case 'authorization_code':
      return authorizationCode(state, issue, form)
    case 'refresh_token':
      return refreshToken(state, issue, form)
    default:
      return oauthError('unsupported_grant_type', 'AADSTS70003: this grant is not supported.')
  }
}

async function clientCredentials(
  state: State,
  issue: IssueToken,
  form: URLSearchParams,
): Promise<Reply> {
  const app = await authenticateApp(state, form)
  if (app === undefined) return oauthError('invalid_client', 'AADSTS7000215: wrong secret.', 401)
  const scope = form.get('scope')
  const { directory } = state
  const api =
    scope === null
      ? apiOfResource(directory, form.get('resource') ?? '')
      : apiOfScope(directory, scope)
  if (api === undefined || (scope !== null && !scope.endsWith('/.default'))) {
    return oauthError('invalid_scope', 'AADSTS1002012: the scope must end in /.default.')
  }
  const token = await issueForApp(issue, app, api)
  return { status: 200, body: { ...tokenBody(token), ext_expires_in: TOKEN_LIFETIME_S } }
}

export function issueForApp(issue: IssueToken, app: App, api: Api): Promise<string> {
  return issue({
    kind: app.agentOf === undefined ? 'app' : 'agent-identity',
    ...(app.agentOf === undefined ? {} : { parentAppId: app.agentOf }),
    version: api.version,
    audience: audienceOf(api),
    objectId: app.objectId,
    appId: app.clientId,
    groups: app.groups,
    roles: app.roles,
    expiresIn_s: TOKEN_LIFETIME_S,
  })
}

async function authenticateApp(state: State, form: URLSearchParams): Promise<App | undefined> {
  const app = state.directory.apps.get(form.get('client_id') ?? '')
  const secret = form.get('client_secret')
  if (app === undefined) return undefined
  if (secret !== null) return app.secret === secret ? app : undefined
  const assertion = form.get('client_assertion')
  if (assertion === null || form.get('client_assertion_type') !== ASSERTION_TYPE) return undefined
  return (await assertionHolds(state, app, assertion)) ? app : undefined
}

/** RFC 7523: issued by the app about itself, for this endpoint. */
async function assertionHolds(state: State, app: App, assertion: string): Promise<boolean> {
  if (app.assertionKey === undefined) return false
  try {
    const key = await importJWK(app.assertionKey, 'RS256')
    await jwtVerify(assertion, key, {
      algorithms: ['RS256', 'PS256', 'ES256'],
      issuer: app.clientId,
      subject: app.clientId,
      audience: `${state.url}/${state.tenant}/oauth2/v2.0/token`,
      currentDate: new Date(state.clock.now_ms()),
    })
    return true
  } catch {
    return false
  }
}

async function deviceCode(state: State, issue: IssueToken, form: URLSearchParams): Promise<Reply> {
  const code = form.get('device_code') ?? ''
  const grant = state.grants.devices.get(code)
  if (grant === undefined || grant.clientId !== form.get('client_id')) {
    return oauthError('bad_verification_code', 'AADSTS70000: no such device code.')
  }
  if (grant.expiresAt_ms <= state.clock.now_ms()) {
    return oauthError('expired_token', 'AADSTS70020: the device code has expired.')
  }
  if (grant.answer === undefined) {
    return oauthError('authorization_pending', 'AADSTS70016: the person has not answered yet.')
  }
  state.grants.devices.delete(code)
  if (grant.answer === 'declined') {
    return oauthError('authorization_declined', 'AADSTS70018: the person declined.')
  }
  return userTokens(state, issue, { ...grant, user: grant.answer })
}

async function authorizationCode(
  state: State,
  issue: IssueToken,
  form: URLSearchParams,
): Promise<Reply> {
  const code = form.get('code') ?? ''
  const grant = state.grants.codes.get(code)
  state.grants.codes.delete(code)
  const verifier = form.get('code_verifier') ?? ''
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const holds =
    grant?.clientId === form.get('client_id') &&
    grant?.redirectUri === form.get('redirect_uri') &&
    grant?.challenge === challenge
  if (grant === undefined || !holds) {
    return oauthError('invalid_grant', 'AADSTS70008: the code is not valid.')
  }
  return userTokens(state, issue, grant)
}

async function refreshToken(
  state: State,
  issue: IssueToken,
  form: URLSearchParams,
): Promise<Reply> {
  const grant = state.grants.refreshTokens.get(form.get('refresh_token') ?? '')
  if (grant === undefined || grant.clientId !== form.get('client_id')) {
    return oauthError('invalid_grant', 'AADSTS700082: the refresh token is not valid.')
  }
  return userTokens(state, issue, { ...grant, scope: form.get('scope') ?? grant.scope })
}

interface UserGrant {
  readonly clientId: string
  readonly scope: string
  readonly user: User
  readonly nonce?: string | undefined
}

const OIDC_SCOPES = ['openid', 'profile', 'email', 'offline_access']

async function userTokens(state: State, issue: IssueToken, grant: UserGrant): Promise<Reply> {
  const { user, clientId } = grant
  const scopes = grant.scope.split(' ').filter((scope) => scope !== '')
  const apiScopes = scopes.filter((scope) => !OIDC_SCOPES.includes(scope))
  const api = apiOfScope(state.directory, apiScopes[0] ?? '') ?? {
    uri: clientId,
    clientId,
    version: 2 as const,
  }
  const about = {
    kind: 'user' as const,
    objectId: user.objectId,
    appId: clientId,
    name: user.name,
    groups: user.groups,
    roles: user.roles,
  }
  const names = apiScopes.map((scope) => scope.slice(scope.lastIndexOf('/') + 1))
  const access = await issue({
    ...about,
    version: api.version,
    audience: audienceOf(api),
    scopes: names.map((name) => (name === '.default' ? 'access' : name)).join(' ') || 'openid',
  })
  const id = scopes.includes('openid')
    ? await issue({
        ...about,
        audience: clientId,
        claims: { scp: undefined, azp: undefined, azpacr: undefined, nonce: grant.nonce },
      })
    : undefined
  return {
    status: 200,
    body: {
      ...tokenBody(access),
      scope: grant.scope,
      ...(id === undefined ? {} : { id_token: id }),
      ...(scopes.includes('offline_access') ? { refresh_token: remember(state, grant) } : {}),
    },
  }
}

function remember(state: State, { clientId, scope, user }: UserGrant): string {
  const token = randomBytes(32).toString('base64url')
  state.grants.refreshTokens.set(token, { clientId, scope, user })
  return token
}

function tokenBody(token: string): object {
  return { token_type: 'Bearer', expires_in: TOKEN_LIFETIME_S, access_token: token }
}

export function oauthError(error: string, description: string, status: number = 400): Reply {
  return { status, body: { error, error_description: description } }
}
