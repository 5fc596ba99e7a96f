import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { TlsFiles } from '../entra/http.ts'
import { discovered } from './discovery.ts'
import type { Logs } from './logs.ts'
import { createLogs } from './logs.ts'
import type { Thing } from './objects.ts'
import { ApiProblem, statusOf } from './objects.ts'
import type { Place } from './path.ts'
import { placeOf } from './path.ts'
import { openPorts } from './ports.ts'
import type { Container } from './shell.ts'
import type { Store } from './store.ts'
import { createStore } from './store.ts'
import { chosenProtocol, openTerminal } from './streams.ts'
import type { Call } from './verbs.ts'
import { answerCall, kindsOf, notFound } from './verbs.ts'
import { followChanges } from './watch.ts'

export interface KubernetesEmulatorOptions {
  readonly tls: TlsFiles
  /** The token that it takes; its user may impersonate whomever it names. */
  readonly token: string
  readonly clock?: Clock
}

/** One line of the audit log that a cluster would write. */
export interface AuditLine {
  readonly auditId: string | undefined
  readonly method: string
  readonly uri: string
  /** Of the impersonation. */
  readonly user: string | undefined
  readonly groups: readonly string[]
  readonly headers: IncomingMessage['headers']
}

/**
 * An emulator of a Kubernetes API server, for tests and the demo: a few resources and whatever
 * custom ones are defined, kept in memory, with watches, patches, tables, logs and terminals. It
 * checks the token and nothing that it allows, and no container runs in it.
 */
export interface KubernetesEmulator {
  /** `https://127.0.0.1:port`. */
  readonly url: string
  readonly port: number
  /** Every request so far, refused ones too. */
  readonly audit: readonly AuditLine[]
  /** Puts an object there as if someone had applied it. */
  add(resource: string, object: Thing): void
  /** `undefined` where there is no such thing. */
  thing(resource: string, namespace: string | undefined, name: string): Thing | undefined
  /** Of every container at once. */
  readonly container: Container
  readonly logs: Logs
  close(): Promise<void>
}

/** Whoever names users in labels tells them here. */
const METRICS = 'requests_total{user="canary.person@example.com"} 7\n'

const BODY_BYTES_MAX = 4 * 1024 * 1024

interface State {
  readonly options: KubernetesEmulatorOptions
  readonly store: Store
  readonly audit: AuditLine[]
  readonly container: Container
  readonly logs: Logs
}

export async function startKubernetesEmulator(
  options: KubernetesEmulatorOptions,
): Promise<KubernetesEmulator> {
  const state: State = {
    options,
    store: createStore(options.clock ?? systemClock),
    audit: [],
    container: { files: new Map(), environment: { HOME: '/root', API_KEY: 'canary-env-value' } },
    logs: createLogs(),
  }
  const server = createServer({ key: options.tls.key, cert: options.tls.cert })
  server.on('request', (request, response) => void respond(state, request, response))
  server.on('upgrade', (request, socket, head) => upgrade(state, request, socket, head))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const kindOf = (resource: string) => {
    const kind = kindsOf(state.store).find((one) => one.resource === resource)
    if (kind === undefined) throw new Error(`there is no resource ${resource}`)
    return kind
  }
  const add = (resource: string, object: Thing) =>
    void state.store.put(kindOf(resource), object, false)
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    audit: state.audit,
    add,
    thing: (resource, namespace, name) => state.store.find(kindOf(resource), namespace, name),
    container: state.container,
    logs: state.logs,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    admit(state, request)
    const url = new URL(request.url ?? '/', 'https://emulator')
    const body = await bodyOf(request)
    answer(state, url, callOf(request, url, body), response)
  } catch (error) {
    const problem =
      error instanceof ApiProblem
        ? error
        : new ApiProblem(500, 'InternalError', error instanceof Error ? error.message : 'unknown')
    if (!response.headersSent) say(response, problem.status, statusOf(problem))
    else response.destroy()
  }
}

function answer(state: State, url: URL, call: Call, response: ServerResponse): void {
  const { store, logs } = state
  const kinds = kindsOf(store)
  const told = call.method === 'GET' ? discovered(kinds, url.pathname) : undefined
  if (told !== undefined) {
    say(response, 200, told)
    return
  }
  if (url.pathname === '/metrics') {
    say(response, 200, METRICS)
    return
  }
  const place = placeOf(kinds, url.pathname)
  if (place === undefined) {
    throw new ApiProblem(404, 'NotFound', 'the server could not find the requested resource')
  }
  if (place.subresource === 'log') {
    mustExist(store, place)
    response.writeHead(200, { 'content-type': 'text/plain' })
    logs.send(response, call.query)
    return
  }
  if (place.subresource === 'proxy') {
    response.setHeader('x-contact', 'canary.person@example.com')
    say(response, 200, { proxied: call.method, query: url.search })
    return
  }
  if (place.name === undefined && /^(true|1)$/.test(call.query.get('watch') ?? '')) {
    followChanges(store, place, call, response)
    return
  }
  say(response, call.method === 'POST' ? 201 : 200, answerCall(store, place, call))
}

function upgrade(state: State, request: IncomingMessage, socket: Duplex, ahead: Buffer): void {
  const refuse = (status: number, text: string) =>
    void socket.end(`HTTP/1.1 ${status} ${text}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  socket.on('error', () => socket.destroy())
  try {
    admit(state, request)
    const { pathname } = new URL(request.url ?? '/', 'https://emulator')
    const place = placeOf(kindsOf(state.store), pathname)
    if (place?.subresource === undefined) throw new ApiProblem(404, 'NotFound', 'no such stream')
    mustExist(state.store, place)
    const protocol = chosenProtocol(request, place.subresource)
    if (protocol === undefined) throw new ApiProblem(400, 'BadRequest', 'unable to upgrade')
    if (place.subresource === 'portforward') openPorts(request, socket, ahead)
    else openTerminal(request, socket, ahead, protocol, state.container, place.subresource)
  } catch (error) {
    if (error instanceof ApiProblem) refuse(error.status, error.reason)
    else refuse(500, 'Internal Server Error')
  }
}

function mustExist(store: Store, place: Place): void {
  if (store.find(place.kind, place.namespace, place.name ?? '') === undefined) throw notFound(place)
}

/** Keeps what was asked. Throws 401 without the token. */
function admit({ options, audit }: State, { headers, method, url }: IncomingMessage): void {
  const one = (name: string) => headers[name]?.toString()
  audit.push({
    auditId: one('audit-id'),
    method: method ?? '',
    uri: url ?? '',
    user: one('impersonate-user'),
    groups: one('impersonate-group')?.split(', ') ?? [],
    headers,
  })
  if (headers.authorization !== `Bearer ${options.token}`) {
    throw new ApiProblem(401, 'Unauthorized', 'Unauthorized')
  }
}

function callOf({ method, headers }: IncomingMessage, url: URL, text: string): Call {
  const contentType = (headers['content-type'] ?? '').split(';')[0]!.trim()
  if (contentType === 'application/vnd.kubernetes.protobuf') {
    throw new ApiProblem(415, 'UnsupportedMediaType', 'the emulator takes JSON')
  }
  let body: unknown
  try {
    body = text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new ApiProblem(400, 'BadRequest', 'the body is no JSON')
  }
  const accept = headers.accept ?? ''
  return { method: method ?? 'GET', query: url.searchParams, accept, contentType, body }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new ApiProblem(413, 'RequestEntityTooLarge', 'too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function say(response: ServerResponse, status: number, body: object | string): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
  })
  response.end(text)
}
