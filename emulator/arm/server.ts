import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { Reply, Request, TlsFiles } from '../entra/http.ts'
import { listen } from '../entra/http.ts'
import type { EntraEmulator } from '../entra/server.ts'
import { AUTHORIZATION_ROUTES } from './authorization.ts'
import { answerBatch } from './batch.ts'
import { DEPLOYMENT_ROUTES } from './deployments.ts'
import { GRAPH_ROUTES } from './graph.ts'
import { GROUP_ROUTES } from './groups.ts'
import { resource, RESOURCE_ROUTES } from './resources.ts'
import { STACK_ROUTES } from './stacks.ts'
import type { ArmState, Entry, Route, Thing } from './state.ts'
import { armError, put } from './state.ts'

export interface ArmEmulatorOptions {
  /** Whose tokens are taken: it verifies them with the keys that this one publishes. */
  readonly entra: Pick<EntraEmulator, 'keys' | 'tenant'>
  readonly tls?: TlsFiles
  readonly port?: number
  /** Things on one page of a list. */
  readonly pageSize?: number
  /** Puts something else in the place of an answer, to play a target that cannot be trusted. */
  readonly change?: (request: Request, reply: Reply) => Reply
}

/**
 * An emulator of Azure Resource Manager and Microsoft Graph, for tests and the demo: enough for the
 * Azure CLI's everyday commands. It checks the bearer token and nothing that it allows.
 */
export interface ArmEmulator {
  readonly url: string
  readonly subscription: string
  /** Every request that came in, in order. */
  readonly requests: Request[]
  addGroup(name: string): void
  addResource(group: string, type: string, name: string, body?: object): Thing
  addEntry(collection: keyof ArmState['directory'], entry: Entry): void
  /** `undefined` where there is no such thing. */
  thing(id: string): Thing | undefined
  close(): Promise<void>
}

const ROUTES: readonly Route[] = [
  ...GROUP_ROUTES,
  ...AUTHORIZATION_ROUTES,
  ...DEPLOYMENT_ROUTES,
  ...STACK_ROUTES,
  ...RESOURCE_ROUTES,
  ...GRAPH_ROUTES,
]

const AUDIENCES = {
  arm: ['https://management.azure.com', 'https://management.azure.com/'],
  graph: ['https://graph.microsoft.com', 'https://graph.microsoft.com/'],
}

export async function startArmEmulator(options: ArmEmulatorOptions): Promise<ArmEmulator> {
  const { entra, tls, port = 0, pageSize = 100, change = (_request, reply) => reply } = options
  const requests: Request[] = []
  const state: ArmState = {
    url: '',
    tenant: entra.tenant,
    subscription: randomUUID(),
    pageSize,
    things: new Map(),
    running: new Map(),
    directory: { servicePrincipals: [], applications: [], users: [], groups: [] },
    newId: () => randomUUID(),
  }
  const server = await listen(
    async (request) => {
      requests.push(request)
      const reply = await answer(state, entra, request)
      return change(request, { ...reply, headers: { ...ids(request), ...reply.headers } })
    },
    { port, ...(tls === undefined ? {} : { tls }) },
  )
  state.url = server.url
  const groupId = (group: string) => `/subscriptions/${state.subscription}/resourceGroups/${group}`
  return {
    url: server.url,
    subscription: state.subscription,
    requests,
    addGroup(name) {
      const properties = { provisioningState: 'Succeeded' }
      const type = 'Microsoft.Resources/resourceGroups'
      put(state, { id: groupId(name), name, type, location: 'westeurope', tags: {}, properties })
    },
    addResource(group, type, name, body = {}) {
      return put(state, resource(state, `${groupId(group)}/providers/${type}/${name}`, type, body))
    },
    addEntry: (collection, entry) => void state.directory[collection].push(entry),
    thing: (id) => state.things.get(id.toLowerCase()),
    close: () => server.close(),
  }
}

/** Resource Manager gives every request ids of its own. */
function ids({ headers }: Request): Record<string, string> {
  const sent = headers['x-ms-client-request-id']
  return {
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': randomUUID(),
    ...(typeof sent === 'string' ? { 'x-ms-client-request-id': sent } : {}),
  }
}

async function answer(
  state: ArmState,
  entra: ArmEmulatorOptions['entra'],
  request: Request,
): Promise<Reply> {
  const isGraph = /^\/(v1\.0|beta)\//.test(request.path)
  if (!(await isBearerGood(entra, request, isGraph ? AUDIENCES.graph : AUDIENCES.arm))) {
    return {
      ...armError(401, 'InvalidAuthenticationToken', 'The access token is invalid.'),
      headers: { 'www-authenticate': 'Bearer authorization_uri="https://login.example"' },
    }
  }
  if (!isGraph && !request.query.has('api-version')) {
    return armError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter is required.',
    )
  }
  return route(state, request)
}

function route(state: ArmState, request: Request): Reply {
  if (/^\/(batch|v1\.0\/\$batch)$/i.test(decodeURIComponent(request.path))) {
    return answerBatch(request, (one) => route(state, one))
  }
  const path = decodeURIComponent(request.path)
  for (const { method, path: expression, answer: answerRoute } of ROUTES) {
    const match = method === request.method ? expression.exec(path) : null
    if (match === null) continue
    const json = request.text === '' ? undefined : jsonOf(request.text)
    return answerRoute({ ...request, path, state, parts: match.slice(1), json })
  }
  return armError(404, 'NotFound', `The emulator has no ${request.method} ${request.path}.`)
}

/** As the real service does, it reads the form in which the Azure CLI sends templates. */
function jsonOf(text: string): Record<string, unknown> {
  return JSON.parse(text.replace(', template:{', ', "template":{')) as Record<string, unknown>
}

async function isBearerGood(
  { keys, tenant }: ArmEmulatorOptions['entra'],
  { headers }: Request,
  audience: string[],
): Promise<boolean> {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: keys.published() }), {
      audience,
    })
    return payload['tid'] === tenant
  } catch {
    return false
  }
}
