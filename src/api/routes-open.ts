import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ApiEnv } from './context.ts'
import type { ApiDeps, GatewayFacts, Metrics } from './deps.ts'
import { TOKEN_PATH } from './routes-token.ts'
import { GRANT_TYPE } from './token-request.ts'

/** Routes without sign-in, for machines: health, discovery, keys, metrics, and the API's own description. */
export function openRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { health, metrics, keys, gateway } = deps

  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200))

  app.get('/readyz', (c) => {
    const checks = health()
    const states = new Set(checks.map(({ state }) => state))
    if (states.has('failed')) return c.json({ status: 'not-ready', checks }, 503)
    return c.json({ status: states.has('degraded') ? 'degraded' : 'ready', checks }, 200)
  })

  app.get('/.well-known/openid-configuration', (c) => c.json(discovery(gateway), 200))
  app.get('/.well-known/jwks.json', (c) => c.json(keys.jwks(), 200))

  if (metrics !== undefined) app.get('/metrics', (c) => metricsResponse(c, metrics))

  const description = describe(app)
  app.get('/openapi.json', (c) => c.json(description(), 200))
}

export async function metricsResponse(c: Context, metrics: Metrics): Promise<Response> {
  return c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType })
}

/** OpenID Connect Discovery 1.0 section 3, as far as a service that only exchanges tokens has it. */
function discovery({ issuer, baseUrl }: GatewayFacts) {
  return {
    issuer,
    token_endpoint: `${baseUrl}${TOKEN_PATH}`,
    jwks_uri: `${baseUrl}/.well-known/jwks.json`,
    grant_types_supported: [GRANT_TYPE],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['none'],
  }
}

/** Built once, at the first question: by then every route is there. */
function describe(app: OpenAPIHono<ApiEnv>) {
  let document: ReturnType<typeof app.getOpenAPI31Document> | undefined
  app.openAPIRegistry.registerComponent('securitySchemes', 'person', {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token of a person, from the provider that GET /v1/sign-in names.',
  })
  return () =>
    (document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Chaperone',
        version: '1',
        description: 'Agents, sessions, approvals and policies of one gateway. See docs/api.md.',
      },
      security: [{ person: [] }],
    }))
}
