import { ChaperoneError } from '../core/errors.ts'
import type { Resource } from '../core/resource.ts'
import type { Service } from '../identity/tokens/services.ts'
import { serviceOf, serviceOfType } from '../identity/tokens/services.ts'
import { TOKEN_CHARS_MAX } from './limits.ts'

/** A request for a token in the form that Azure's libraries send to Entra ID or AD FS. */
export interface AzureTokenRequest {
  /** The agent's own Entra token, whose audience is this gateway. */
  readonly assertion: string
  readonly clientId: string
  readonly scope: string
  readonly service: Service
  /** The resource of this gateway that the scope names; the token is good for it alone. */
  readonly resource?: string
}

/** What scopes may name of this gateway's own. */
export interface TokenPlaces {
  /** Address of its API. */
  readonly base: string
  readonly resources: readonly Resource[]
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const FIELD_CHARS_MAX = 1_000

/**
 * Reads a client credentials request with a client assertion (RFC 7523 section 2.2). `scope` is what
 * version 2 and MSAL send, `resource` what version 1 does. Parameters that are not known are ignored,
 * those that are must not repeat. Throws REQUEST_INVALID, PROTOCOL_UNSUPPORTED for another grant,
 * CREDENTIAL_MALFORMED for a secret, RESOURCE_UNKNOWN for a scope of nothing that is here.
 */
export function readAzureTokenRequest(body: string, places: TokenPlaces): AzureTokenRequest {
  const form = new URLSearchParams(body)
  const grant = field(form, 'grant_type')
  if (grant !== 'client_credentials') {
    throw new ChaperoneError('PROTOCOL_UNSUPPORTED', 'Another grant than client credentials.', {
      hint: 'Agents sign in as service principals with a federated token; people sign in elsewhere.',
    })
  }
  if (field(form, 'client_secret') !== undefined) {
    throw new ChaperoneError('CREDENTIAL_MALFORMED', 'The gateway takes no client secrets.', {
      hint: "Send the agent's Entra token as client_assertion (az login --federated-token).",
    })
  }
  const assertion = field(form, 'client_assertion', TOKEN_CHARS_MAX)
  if (assertion === undefined) throw invalid('client_assertion', 'is missing')
  if (field(form, 'client_assertion_type') !== ASSERTION_TYPE) {
    throw invalid('client_assertion_type', `must be ${ASSERTION_TYPE}`)
  }
  const clientId = field(form, 'client_id')
  if (clientId === undefined) throw invalid('client_id', 'is missing')
  return {
    assertion,
    clientId,
    ...readScope(field(form, 'scope'), field(form, 'resource'), places),
  }
}

const OIDC_SCOPES: ReadonlySet<string> = new Set(['openid', 'profile', 'offline_access', 'email'])

/** One scope of one service: a token for two would be good for more than was asked. */
export function readScope(
  scope: string | undefined,
  resource: string | undefined,
  places: TokenPlaces,
): Pick<AzureTokenRequest, 'scope' | 'service' | 'resource'> {
  if (scope !== undefined && resource !== undefined)
    throw invalid('scope', 'and resource exclude each other')
  const asked = (scope ?? resource ?? '').split(' ').filter((one) => !OIDC_SCOPES.has(one))
  const [only, ...more] = asked
  if (only === undefined || only === '' || more.length > 0) {
    throw invalid('scope', 'must name one scope, such as https://management.azure.com/.default')
  }
  if (scope !== undefined && !only.endsWith('/.default')) {
    throw invalid('scope', 'must end in /.default')
  }
  const named = namedResource(only, places.resources)
  if (named !== undefined) return { scope: only, ...named }
  const service = serviceOf(only, places.base)
  if (service === undefined) {
    throw new ChaperoneError('RESOURCE_UNKNOWN', 'The scope is of no service behind the gateway.', {
      hint: `Ask for a scope of Azure's own, or ${places.base}/azure-arm/.default.`,
    })
  }
  return { scope: only, service }
}

/** `https://gateway.example:7443/graph` or `https://graph.gateway.example`: tools ask for where they go. */
// Strangers ask: neither expression tries a character twice.
function namedResource(scope: string, resources: readonly Resource[]) {
  const text = scope.replace(/\/\.default$/, '').replace(/(?<!\/)\/+$/, '')
  const [, label, path] =
    /^https:\/\/([a-z0-9-]+)(?![a-z0-9-])[^/]*(?:\/([^/]+))?$/i.exec(text) ?? []
  const named = resources.find(({ name }) => name === (path ?? label))
  const service = named === undefined ? undefined : serviceOfType(named.type)
  return named === undefined || service === undefined
    ? undefined
    : { service, resource: named.name }
}

/** An empty parameter is an absent one (RFC 6749 section 3.2). */
function field(form: URLSearchParams, name: string, max = FIELD_CHARS_MAX): string | undefined {
  const [value, ...more] = form.getAll(name)
  if (more.length > 0) throw invalid(name, 'must not repeat')
  if (value !== undefined && value.length > max) throw invalid(name, 'is too long')
  return value === '' ? undefined : value
}

function invalid(name: string, what: string): ChaperoneError {
  return new ChaperoneError('REQUEST_INVALID', `The parameter ${name} ${what}.`, {
    place: { field: name },
  })
}
