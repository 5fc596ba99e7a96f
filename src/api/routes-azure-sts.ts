import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { Issued } from '../identity/sts.ts'
import { stsError } from './azure-sts-error.ts'
import type { TokenPlaces } from './azure-token-request.ts'
import { readAzureTokenRequest, readScope } from './azure-token-request.ts'
import type { ApiEnv } from './context.ts'
import { attemptOf } from './context.ts'
import type { ApiDeps } from './deps.ts'
import { contentType } from './errors.ts'

type C = Context<ApiEnv>

const FORM = 'application/x-www-form-urlencoded'
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i
const TENANT = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
const IS_TENANT = new RegExp(`^${TENANT}$`)
const TOKEN_PATHS = new RegExp(`^/(?:adfs/oauth2/token|${TENANT}/oauth2(?:/v2\\.0)?/token)/?$`)

const MANAGED_IDENTITY_PATH = '/identity/oauth2/token'

/** Paths whose body is a form. */
export function isAzureTokenPath(path: string): boolean {
  return TOKEN_PATHS.test(path)
}

/**
 * The gateway as the authority of Azure's tools: their client assertion is the agent's Entra token
 * for this gateway, and what they get is good at this gateway alone, for the service they asked for.
 * The paths are those of AD FS (the Azure CLI), of a tenant (the SDKs' `authorityHost`), and of a
 * managed identity on App Service.
 */
export function azureTokenRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.get('/adfs/.well-known/openid-configuration', (c) =>
    c.json(discovery(`${baseOf(deps, c)}/adfs`, 'oauth2')),
  )
  app.post('/adfs/oauth2/token', (c) => answer(deps, c, undefined))

  app.get('/common/discovery/instance', (c) => c.json(instances(baseOf(deps, c))))
  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) =>
    ofTenant(deps, c, 'oauth2/v2.0', '/v2.0'),
  )
  app.get('/:tenant/.well-known/openid-configuration', (c) => ofTenant(deps, c, 'oauth2', ''))
  app.post('/:tenant/oauth2/v2.0/token', (c) => answer(deps, c, c.req.param('tenant')))
  app.post('/:tenant/oauth2/token', (c) => answer(deps, c, c.req.param('tenant')))

  app.get(MANAGED_IDENTITY_PATH, (c) => tried(deps, c, () => managedIdentity(deps, c)))
  app.get('/metadata/identity/oauth2/token', (c) => tried(deps, c, virtualMachine))
}

async function answer(deps: ApiDeps, c: C, tenant: string | undefined): Promise<Response> {
  c.header('Pragma', 'no-cache')
  return tried(deps, c, async () => {
    if (tenant !== undefined && !IS_TENANT.test(tenant)) throw unknownTenant()
    if (!FORM_TYPE.test(c.req.header('content-type') ?? '')) throw contentType(FORM)
    const { assertion, clientId, ...asked } = readAzureTokenRequest(
      await c.req.text(),
      placesOf(deps, c),
    )
    const issued = await deps.tokens.exchange(assertion, {
      type: 'access_token',
      ...asked,
      client: { id: clientId, ...(tenant === undefined ? {} : { tenant }) },
      ...attemptOf(c),
    })
    const left_s = secondsLeft(deps, issued)
    return c.json({
      token_type: 'Bearer',
      expires_in: left_s,
      ext_expires_in: left_s,
      access_token: issued.token,
    })
  })
}

function ofTenant(deps: ApiDeps, c: C, oauth: string, version: string): Promise<Response> {
  return tried(deps, c, () => {
    const tenant = c.req.param('tenant') ?? ''
    if (!IS_TENANT.test(tenant)) throw unknownTenant()
    const authority = `${baseOf(deps, c)}/${tenant.toLowerCase()}`
    return Promise.resolve(c.json(discovery(authority, oauth, version)))
  })
}

/** `common` and `organizations` are for people; a domain name could be anybody's. */
function unknownTenant(): ChaperoneError {
  return new ChaperoneError('TOKEN_TENANT', 'The tenant in the path is no tenant id.', {
    hint: "Use the agent's tenant id (a GUID), or the authority /adfs.",
  })
}

/** App Service's form: the secret of the header is a ticket, which says which agent this is. */
async function managedIdentity(deps: ApiDeps, c: C): Promise<Response> {
  const credential = c.req.header('x-identity-header')
  if (credential === undefined) {
    throw new ChaperoneError('CREDENTIAL_MISSING', 'The header X-IDENTITY-HEADER is missing.', {
      hint: 'Set IDENTITY_HEADER to a ticket of the gateway.',
    })
  }
  const resource = c.req.queries('resource') ?? []
  const wanted = readScope(
    undefined,
    resource.length === 1 ? resource[0] : undefined,
    placesOf(deps, c),
  )
  const clientId = c.req.query('client_id')
  const issued = await deps.tokens.narrow(credential, {
    type: 'access_token',
    ...wanted,
    ...(clientId === undefined ? {} : { client: { id: clientId } }),
    ...attemptOf(c),
  })
  return c.json({
    access_token: issued.token,
    expires_on: String(Math.floor(issued.expiresAt_ms / 1000)),
    resource: resource[0],
    token_type: 'Bearer',
    ...(clientId === undefined ? {} : { client_id: clientId }),
  })
}

/** The virtual machine's form proves itself by where it is asked from, which is no proof here. */
function virtualMachine(): Promise<Response> {
  throw new ChaperoneError(
    'PROTOCOL_UNSUPPORTED',
    'A virtual machine asks for tokens without any credential, so the gateway cannot tell who asks.',
    {
      hint: `Set IDENTITY_ENDPOINT to …${MANAGED_IDENTITY_PATH} and IDENTITY_HEADER to a ticket.`,
    },
  )
}

function placesOf(deps: ApiDeps, c: C): TokenPlaces {
  return { base: baseOf(deps, c), resources: deps.resources() }
}

/** Libraries want every address on the host that they asked; what one is told harms nobody else. */
function baseOf({ gateway }: ApiDeps, c: C): string {
  return gateway.publicUrl ?? new URL(c.req.url).origin
}

async function tried(deps: ApiDeps, c: C, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ChaperoneError)) deps.log.error('api.token-failed', {})
    const known = asChaperoneError(error, 'INTERNAL', 'The token could not be issued.')
    const { status, body } = stsError(known, c.var.requestId, deps.clock.now_ms())
    return c.json(body, status)
  }
}

function secondsLeft({ clock }: ApiDeps, { expiresAt_ms }: Issued): number {
  return Math.max(0, Math.floor((expiresAt_ms - clock.now_ms()) / 1000))
}

/** MSAL wants all three, and an issuer on the authority's own host. People cannot sign in here. */
function discovery(authority: string, oauth: string, version = '') {
  return {
    issuer: `${authority}${version}`,
    authorization_endpoint: `${authority}/${oauth}/authorize`,
    token_endpoint: `${authority}/${oauth}/token`,
    jwks_uri: `${new URL(authority).origin}/.well-known/jwks.json`,
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    grant_types_supported: ['client_credentials'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
  }
}

/** Asked by libraries whose instance discovery is on: this host is an authority of its own. */
function instances(baseUrl: string) {
  const host = new URL(baseUrl).host
  return {
    tenant_discovery_endpoint: `${baseUrl}/adfs/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  }
}
