import type { Socket } from 'node:net'
import type { Code } from '../../core/codes.ts'
import { asChaperoneError, ChaperoneError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Gatekeeper } from '../../identity/gatekeeper.ts'
import { sayFarewell } from '../../listen/farewell.ts'
import type { MaskKeys } from '../../mask/maskers.ts'
import type { GovernedSession, SessionHost } from '../../session/governed.ts'
import { openGovernedSession } from '../../session/governed.ts'
import type { Lease } from '../../upstream/reads.ts'
import { Backend } from './conversation/backend.ts'
import type { ConversationLimits } from './conversation/conversation-parts.ts'
import { Conversation } from './conversation/conversation.ts'
import { Frontend } from './conversation/frontend.ts'
import type { CatalogViews } from './judging/classifier.ts'
import { Classifier, treesIn } from './judging/classifier.ts'
import type { Traffic } from './judging/traffic.ts'
import {
  authenticationOk,
  backendKeyData,
  parameterStatus,
  readyForQuery,
} from './messages/message.ts'
import { fatalResponse } from './messages/refusal.ts'
import type { CancelRegistry } from './signing-in/cancel.ts'
import type { GreetingOptions, SessionGreeting } from './signing-in/greeting.ts'
import { greet } from './signing-in/greeting.ts'
import type { PostgresResource, UpstreamSession } from './signing-in/resource.ts'
import type { RouteRequest } from './signing-in/routing.ts'
import { routeToResource } from './signing-in/routing.ts'

/** What the PostgreSQL door needs; everything that other protocols need too is in `host`. */
export interface PostgresDoor {
  readonly host: SessionHost
  readonly log: Log
  readonly gatekeeper: Gatekeeper
  readonly greeting: GreetingOptions
  readonly resources: ReadonlyMap<string, PostgresResource>
  readonly cancelKeys: CancelRegistry
  readonly views: CatalogViews
  readonly traffic: Traffic
  readonly limits: ConversationLimits
  readonly keys: MaskKeys
  /** Counts and records what is refused before there is a session. */
  refused(error: ChaperoneError, attempt: RefusedAttempt): void
}

export interface RefusedAttempt {
  readonly clientAddress: string
  readonly resource?: string
  readonly agent?: string
}

/** Serves one accepted connection to its end; `known` is called once its peer is. Never rejects. */
export async function servePostgres(
  door: PostgresDoor,
  socket: Socket,
  known: () => void,
): Promise<void> {
  const greeting = await greet(socket, door.greeting).catch((error: unknown) => {
    door.log.debug('postgres.greeting-failed', { error: String(error) })
    return undefined
  })
  if (greeting === undefined) return
  if (greeting.type === 'cancel') {
    const { pid, secret, clientAddress } = greeting
    const result = await door.cancelKeys.request(pid, secret)
    door.log.debug('postgres.cancel', { client: clientAddress, result })
    sayFarewell(greeting.socket)
    return
  }
  const attempt: { -readonly [K in keyof RefusedAttempt]: RefusedAttempt[K] } = {
    clientAddress: greeting.clientAddress,
  }
  try {
    await open(door, greeting, attempt, known)
  } catch (caught) {
    const error = asChaperoneError(caught, 'INTERNAL', 'The session could not be opened.')
    door.refused(error, attempt)
    sayFarewell(greeting.socket, fatalResponse(error))
  }
}

async function open(
  door: PostgresDoor,
  greeting: SessionGreeting,
  attempt: { resource?: string; agent?: string },
  known: () => void,
): Promise<void> {
  const { startup, clientAddress } = greeting
  const route = routeToResource(routeRequest(greeting), new Set(door.resources.keys()))
  attempt.resource = route.resource
  const resource = door.resources.get(route.resource)!
  const principal = await door.gatekeeper.agent(greeting.password, {
    clientAddress,
    resource: route.resource,
  })
  known()
  attempt.agent = principal.agent.name
  const database = resource.databaseFor(route.database ?? startup.user)
  const sides: Sides = {}
  const session = openGovernedSession(
    door.host,
    {
      principal,
      resource: resource.resource,
      protocol: 'postgres',
      clientAddress,
      database,
      ...clientOf(greeting),
      life: resource.life,
    },
    {
      end: (code, message) => endSides(sides, { code, message }),
      judgeAgain: () => sides.frontend?.judgeAgain() ?? [],
      waitsForClient: () => waitsForClient(sides.conversation),
      tooSlow: () => sides.frontend?.tooSlow() ?? false,
    },
  )
  try {
    const upstream = await resource.connect({
      database,
      agent: principal.agent.name,
      tag: `chaperone:${session.id}`,
      parameters: startup.parameters,
    })
    converse(door, greeting, session, upstream, database, sides)
  } catch (error) {
    session.close(asChaperoneError(error, 'INTERNAL', 'The session could not be opened.'))
    throw error
  }
}

/** What may be ended from outside; before the conversation has begun, only the wish is noted. */
interface Sides {
  conversation?: Conversation
  frontend?: Frontend
  ended?: { readonly code: Code; readonly message: string }
}

/** True while the client keeps what is under way from going on. */
function waitsForClient(conversation: Conversation | undefined): boolean {
  if (conversation === undefined) return false
  const { client, target } = conversation.parts
  return client.writableNeedDrain || (conversation.copyIn && !target.writableNeedDrain)
}

function endSides(sides: Sides, why: { code: Code; message: string }): void {
  if (sides.conversation === undefined) sides.ended = why
  else sides.conversation.end(why)
}

function routeRequest({ sni, startup }: SessionGreeting): RouteRequest {
  return {
    ...(sni === undefined ? {} : { sni }),
    ...(startup.database === undefined ? {} : { database: startup.database }),
    ...(startup.resource === undefined ? {} : { resource: startup.resource }),
  }
}

function converse(
  door: PostgresDoor,
  greeting: SessionGreeting,
  session: GovernedSession,
  upstream: UpstreamSession,
  database: string,
  sides: Sides,
): void {
  const client = greeting.socket
  if (sides.ended !== undefined || client.destroyed) {
    upstream.socket.destroy()
    const { code, message } = sides.ended ?? CLIENT_LEFT
    throw new ChaperoneError(code, message)
  }
  const { host } = door
  const { server } = upstream
  const applicationName = greeting.startup.parameters['application_name'] ?? ''
  const conversation = new Conversation({
    client,
    target: upstream.socket,
    session,
    classifier: new Classifier({
      views: door.views,
      key: { server, resource: session.resource.name, database, role: upstream.role },
      searchPath: upstream.searchPath,
      trees: treesIn(session.memory.part()),
    }),
    traffic: door.traffic.join(server),
    recorder: host.recorder,
    approvals: host.approvals,
    clock: host.clock,
    turns: host.turns,
    log: door.log,
    limits: door.limits,
    keys: door.keys,
    database,
    applicationName,
    settings: new Map(upstream.settings),
    cancelTarget: () => upstream.cancel(),
  })
  const frontend = new Frontend(conversation)
  const backend = new Backend(conversation)
  sides.conversation = conversation
  sides.frontend = frontend
  const key = door.cancelKeys.issue(async () => {
    if (frontend.gate.holding) frontend.gate.withdraw()
    else if (!conversation.quiet) await conversation.cancels.send()
  })
  session.trail.opened({ targetRole: upstream.role, backendPid: upstream.pid })
  client.write(welcome(upstream, applicationName, key))
  plumb(conversation, frontend, backend, () => key.release())
  if (upstream.remainder.length > 0) backend.push(upstream.remainder)
  if (greeting.remainder.length > 0) frontend.push(greeting.remainder)
}

function clientOf({ startup }: SessionGreeting): { client?: string } {
  const name = startup.parameters['application_name']
  return name === undefined ? {} : { client: name }
}

/** What the server says between the password and the first question. */
function welcome(
  connection: UpstreamSession,
  applicationName: string,
  key: { pid: number; secret: number },
): Buffer {
  const settings = new Map(connection.settings).set('application_name', applicationName)
  return Buffer.concat([
    authenticationOk(),
    ...[...settings].map(([name, value]) => parameterStatus(name, value)),
    backendKeyData(key.pid, key.secret),
    readyForQuery('I'),
  ])
}

/** Joins sockets and sides; back-pressure goes from one to the other. */
function plumb(
  conversation: Conversation,
  frontend: Frontend,
  backend: Backend,
  over: () => void,
): void {
  const { client, target } = conversation.parts
  const { meter } = conversation.session
  client.on('data', (chunk: Buffer) => {
    meter.bytes(chunk.length, 0)
    frontend.push(chunk)
  })
  target.on('data', (chunk: Buffer, lease?: Lease) => backend.push(chunk, lease))
  client.on('drain', () => {
    conversation.session.touch()
    backend.drained()
    target.resume()
  })
  target.on('drain', () => frontend.pump())
  client.on('error', () => client.destroy())
  target.on('error', () => target.destroy())
  client.once('end', () => clientGone())
  client.once('close', () => clientGone())
  target.once('end', () => targetGone())
  target.once('close', () => targetGone())
  client.resume()
  target.resume()

  function clientGone(): void {
    conversation.end(undefined)
    over()
  }

  function targetGone(): void {
    conversation.end({ code: 'TARGET_LOST', message: 'The target closed the connection.' })
    over()
  }
}

const CLIENT_LEFT = {
  code: 'PROTOCOL_VIOLATION',
  message: 'The client left before its session was open.',
} as const
