import { OpenAPIHono } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { signedIn } from './access.ts'
import type { ApiEnv } from './context.ts'
import type { ApiDeps, Metrics } from './deps.ts'
import { handleError, handleNotFound, invalidInput } from './errors.ts'
import { limitBody, onlyJson, requestIds, securityHeaders } from './guard.ts'
import { BODY_BYTES_MAX, FORM_BYTES_MAX } from './limits.ts'
import { agentRoutes } from './routes-agents.ts'
import { approvalRoutes } from './routes-approvals.ts'
import { azureTokenRoutes, isAzureTokenPath } from './routes-azure-sts.ts'
import { metricsResponse, openRoutes } from './routes-open.ts'
import { personRoutes } from './routes-person.ts'
import { policyRoutes } from './routes-policies.ts'
import { sessionRoutes } from './routes-sessions.ts'
import { TOKEN_PATH, tokenRoutes } from './routes-token.ts'

export type Api = OpenAPIHono<ApiEnv>

/** Under /v1, everything else takes a person's token. */
const OPEN_PATHS: ReadonlySet<string> = new Set([TOKEN_PATH, '/v1/sign-in'])

/**
 * The REST API, listening nowhere yet. Bearer tokens only: no cookie is read or set, so no page of
 * another origin can act for a person.
 */
export function createApi(deps: ApiDeps): Api {
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.target, result.error)
    },
  })
  app.onError(handleError(deps.log))
  app.notFound(handleNotFound)
  app.use('*', requestIds(deps.clock), ...securityHeaders())
  app.use('/v1/*', signedIn(deps.gatekeeper, OPEN_PATHS))
  const forms = (path: string) => path === TOKEN_PATH || isAzureTokenPath(path)
  const ofPeople = deps.bodyBytesMax ?? BODY_BYTES_MAX
  const bytesMaxOf = (path: string) =>
    path.startsWith('/v1/') && !forms(path) ? ofPeople : Math.min(ofPeople, FORM_BYTES_MAX)
  app.use('*', onlyJson(forms), limitBody(bytesMaxOf))
  personRoutes(app, deps)
  tokenRoutes(app, deps)
  azureTokenRoutes(app, deps)
  agentRoutes(app, deps)
  sessionRoutes(app, deps)
  approvalRoutes(app, deps)
  policyRoutes(app, deps)
  openRoutes(app, deps)
  return app
}

/** For a listener of its own, which may be open to Prometheus alone. */
export function createMetricsApp(metrics: Metrics): Hono {
  const app = new Hono()
  app.get('/metrics', (c) => metricsResponse(c, metrics))
  return app
}
