import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { TokenSpec } from './claims.ts'
import { buildClaims } from './claims.ts'
import type { Api, App, Directory, Fresh, Group, User } from './directory.ts'
import { createDirectory, newApp, newUser } from './directory.ts'
import { answerGraph } from './graph.ts'
import type { Reply, Request, TlsFiles } from './http.ts'
import { listen } from './http.ts'
import type { SigningKeys } from './keys.ts'
import { createSigningKeys } from './keys.ts'
import { answerManagedIdentity } from './managed-identity.ts'
import { answerTokenRequest, oauthError } from './oauth.ts'
import { answerAuthorize, answerDeviceLogin, startDeviceSignIn } from './sign-in.ts'
import type { IssueToken, State } from './state.ts'

export interface EntraEmulatorOptions {
  /** Serves https with this certificate; plain http without. */
  readonly tls?: TlsFiles
  /** Default: any free one. */
  readonly port?: number
  /** Default: a new tenant. */
  readonly tenant?: string
  readonly clock?: Clock
  /** Where it says it is, when something stands in front of it. */
  readonly publicUrl?: string
}

/**
 * An emulator of Microsoft Entra ID with real signatures, for tests and the demo: it issues to
 * whom it is told, and protects nothing.
 */
export interface EntraEmulator {
  /** The authority; also where Graph and the managed identity endpoints answer. */
  readonly url: string
  readonly graphUrl: string
  /** Without what stands in front of it. */
  readonly listensAt: string
  readonly tenant: string
  /** For `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`. */
  readonly managedIdentity: { readonly endpoint: string; readonly header: string }
  readonly keys: Pick<SigningKeys, 'rotate' | 'published'>
  /** Requests so far, by path without the tenant: `/discovery/v2.0/keys`. */
  readonly requests: ReadonlyMap<string, number>
  issueToken: IssueToken
  addApp(app: Fresh<App>): App
  addUser(user: Fresh<User>): User
  addGroup(name: string): Group
  /** An API that tokens can be asked for by scope. */
  addApi(api: Api): Api
  /** The app that the managed identity endpoints speak for by default. */
  setManagedIdentity(app: App): void
  close(): Promise<void>
}

export async function startEntraEmulator(
  options: EntraEmulatorOptions = {},
): Promise<EntraEmulator> {
  const { port = 0, tenant = randomUUID(), clock = systemClock, tls } = options
  const requests = new Map<string, number>()
  const directory = createDirectory()
  const state: State = {
    tenant,
    clock,
    directory,
    keys: createSigningKeys(() => `${state.url}/{tenantid}/v2.0`),
    grants: { devices: new Map(), codes: new Map(), refreshTokens: new Map() },
    url: '',
    managedIdentity: undefined,
    identityHeader: randomBytes(16).toString('hex'),
  }
  const issueToken: IssueToken = (spec) => state.keys.sign(claimsOf(state, spec), spec.header)
  const server = await listen(
    (request) => {
      const path = withoutTenant(request.path, tenant)
      requests.set(path, (requests.get(path) ?? 0) + 1)
      return answer(state, issueToken, request)
    },
    { port, ...(tls === undefined ? {} : { tls }) },
  )
  state.url = options.publicUrl ?? server.url

  return {
    url: state.url,
    graphUrl: state.url,
    listensAt: server.url,
    tenant,
    managedIdentity: {
      endpoint: `${server.url}/metadata/identity/oauth2/token`,
      header: state.identityHeader,
    },
    keys: state.keys,
    requests,
    issueToken,
    ...additions(directory),
    setManagedIdentity: (app) => {
      state.managedIdentity = app
    },
    close: () => server.close(),
  }
}

function claimsOf(state: State, spec: TokenSpec): ReturnType<typeof buildClaims> {
  const now_s = Math.floor(state.clock.now_ms() / 1000)
  const { tenant, url } = state
  return buildClaims(spec, { tenant, authority: url, graphUrl: url, now_s })
}

function additions(
  directory: Directory,
): Pick<EntraEmulator, 'addApp' | 'addUser' | 'addGroup' | 'addApi'> {
  return {
    addApp(fresh) {
      const app = newApp(fresh)
      directory.apps.set(app.clientId, app)
      return app
    },
    addUser(fresh) {
      const user = newUser(fresh)
      directory.users.set(user.objectId, user)
      return user
    },
    addGroup(name) {
      const group = { id: randomUUID(), name }
      directory.groups.set(group.id, group)
      return group
    },
    addApi(api) {
      directory.apis.set(api.uri, api)
      return api
    },
  }
}

function answer(state: State, issue: IssueToken, request: Request): Promise<Reply> | Reply {
  const { url, tenant } = state
  switch (withoutTenant(request.path, tenant)) {
    case '/v2.0/.well-known/openid-configuration':
      return { status: 200, body: discovery(state) }
    case '/discovery/v2.0/keys':
      return { status: 200, body: { keys: state.keys.published() } }
    case '/oauth2/v2.0/token':
    case '/adfs/oauth2/token':
      return answerTokenRequest(state, issue, request)
    case '/oauth2/v2.0/devicecode':
      return startDeviceSignIn(state, request)
    case '/oauth2/v2.0/authorize':
      return answerAuthorize(state, request)
    case '/devicelogin':
      return answerDeviceLogin(state, request)
    case '/adfs/.well-known/openid-configuration':
      return { status: 200, body: { ...discovery(state), ...adfsEndpoints(url) } }
    case '/metadata/identity/oauth2/token':
      return answerManagedIdentity(state, issue, request)
    default:
      return request.path.startsWith('/v1.0/') ? answerGraph(state, request) : notFound()
  }
}

/** MSAL asks the virtual machine's endpoint with a slash at the end. */
function withoutTenant(path: string, tenant: string): string {
  const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return plain.startsWith(`/${tenant}/`) ? plain.slice(tenant.length + 1) : plain
}

function discovery({ url, tenant }: State): object {
  const base = `${url}/${tenant}`
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['pairwise'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    tenant_region_scope: 'EU',
  }
}

function adfsEndpoints(url: string): object {
  return {
    issuer: `${url}/adfs`,
    authorization_endpoint: `${url}/adfs/oauth2/authorize`,
    token_endpoint: `${url}/adfs/oauth2/token`,
  }
}

function notFound(): Reply {
  return oauthError('not_found', 'The emulator serves no such path.', 404)
}
