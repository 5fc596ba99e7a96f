import type { Socket } from 'node:net'
import { asChaperoneError, ChaperoneError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Principal } from '../../core/principal.ts'
import type { Gatekeeper } from '../../identity/gatekeeper.ts'
import { sayFarewell } from '../../listen/farewell.ts'
import type { SessionHost } from '../../session/governed.ts'
import { openGovernedSession } from '../../session/governed.ts'
import { Backend } from './backend.ts'
import type { CancelKeys } from './cancel.ts'
import type { CatalogViewLimits, CatalogViews } from './classifier.ts'
import { Classifier } from './classifier.ts'
import type { ConversationLimits, RowOptions } from './conversation.ts'
import { Conversation } from './conversation.ts'
import { Frontend } from './frontend.ts'
import type { GreetingOptions, SessionGreeting } from './greeting.ts'
import { greet } from './greeting.ts'
import { authenticationOk, backendKeyData, parameterStatus, readyForQuery } from './message.ts'
import { fatalResponse } from './refusal.ts'
import { routeToResource } from './routing.ts'
import type { PostgresTarget, TargetConnection } from './target.ts'

/** What the PostgreSQL door needs; everything that other protocols need too is in `host`. */
export interface PostgresDoor {
  readonly host: SessionHost
  readonly log: Log
  readonly gatekeeper: Gatekeeper
  readonly greeting: GreetingOptions
  readonly targets: ReadonlyMap<string, PostgresTarget>
  readonly cancelKeys: CancelKeys
  readonly views: CatalogViews
  readonly viewLimits: CatalogViewLimits
  readonly limits: ConversationLimits
  readonly rows: RowOptions
  /** Counts and records what is refused before there is a session. */
  refused(error: ChaperoneError, attempt: RefusedAttempt): void
}

export interface RefusedAttempt {
  readonly clientAddress: string
  readonly resource?: string
  readonly agent?: string
}

/** Serves one accepted connection to its end. Never rejects. */
export async function servePostgres(door: PostgresDoor, socket: Socket): Promise<void> {
  const greeting = await greet(socket, door.greeting).catch((error: unknown) => {
    door.log.debug('postgres.greeting-failed', { error: String(error) })
    return undefined
  })
  if (greeting === undefined) return
  if (greeting.type === 'cancel') {
    greeting.socket.end()
    door.cancelKeys.cancel(greeting.pid, greeting.secret)
    return
  }
  const attempt: { -readonly [K in keyof RefusedAttempt]: RefusedAttempt[K] } = {
    clientAddress: greeting.clientAddress,
  }
  try {
    await open(door, greeting, attempt)
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
): Promise<void> {
  const client = greeting.socket
  const gone = new AbortController()
  const onClose = () => gone.abort(clientLeft())
  client.once('close', onClose)
  const { startup, clientAddress } = greeting
  const route = routeToResource(
    {
      ...(greeting.sni === undefined ? {} : { sni: greeting.sni }),
      ...(startup.database === undefined ? {} : { database: startup.database }),
      ...(startup.resource === undefined ? {} : { resource: startup.resource }),
    },
    new Set(door.targets.keys()),
  )
  attempt.resource = route.resource
  const target = door.targets.get(route.resource)!
  const principal = await door.gatekeeper.agent(greeting.password, {
    clientAddress,
    resource: route.resource,
  })
  attempt.agent = principal.agent.name
  const database = target.databaseFor(route.database ?? startup.user)
  admit(door, principal, target)
  const connection = await target.connect({
    database,
    agent: principal.agent.name,
    parameters: startup.parameters,
    signal: gone.signal,
  })
  client.off('close', onClose)
  if (gone.signal.aborted) {
    connection.socket.destroy()
    throw gone.signal.reason
  }
  converse(door, greeting, principal, target, connection, database)
}

/** Before the target is troubled: is there anything that the agent may do there at all? */
function admit(door: PostgresDoor, principal: Principal, target: PostgresTarget): void {
  const ruleset = door.host.policies().rulesFor(principal, target.resource)
  if (ruleset.grantsAnything) return
  throw new ChaperoneError(
    'RESOURCE_NOT_GRANTED',
    `No policy gives agent ${principal.agent.name} anything on ${target.resource.name}.`,
    { hint: `Ask ${principal.agent.owner}, the agent's owner, for a policy that names both.` },
  )
}

function converse(
  door: PostgresDoor,
  greeting: SessionGreeting,
  principal: Principal,
  target: PostgresTarget,
  connection: TargetConnection,
  database: string,
): void {
  const client = greeting.socket
  const { host } = door
  const sides: { conversation?: Conversation; backend?: Backend } = {}
  const session = openGovernedSession(
    host,
    {
      principal,
      resource: target.resource,
      protocol: 'postgres',
      clientAddress: greeting.clientAddress,
      database,
      ...clientOf(greeting),
      life: target.life,
    },
    {
      end: (code, message) =>
        sides.conversation?.end({ code, message }, sides.backend?.midMessage === true),
      stillAllowed: () => sides.conversation?.stillAllowed() ?? true,
    },
  )
  const conversation = new Conversation({
    client,
    target: connection.socket,
    session,
    classifier: new Classifier({
      clock: host.clock,
      views: door.views,
      limits: door.viewLimits,
      key: JSON.stringify([
        target.resource.name,
        database,
        connection.role,
        greeting.startup.parameters['search_path'] ?? '',
      ]),
      database,
    }),
    recorder: host.recorder,
    approvals: host.approvals,
    clock: host.clock,
    log: door.log,
    limits: door.limits,
    rows: door.rows,
    database,
    settings: new Map(connection.settings),
    cancelTarget: () => connection.cancel(),
  })
  const frontend = new Frontend(conversation)
  const backend = new Backend(conversation)
  sides.conversation = conversation
  sides.backend = backend
  const key = door.cancelKeys.issue(() => {
    if (frontend.gate.holding) frontend.gate.withdraw()
    else if (!conversation.quiet) conversation.cancelTarget()
  })
  session.trail.opened({ targetRole: connection.role, backendPid: connection.pid })
  client.write(welcome(connection, key))
  plumb(conversation, frontend, backend, () => door.cancelKeys.revoke(key))
  if (connection.remainder.length > 0) backend.push(connection.remainder)
  if (greeting.remainder.length > 0) frontend.push(greeting.remainder)
}

function clientOf({ startup }: SessionGreeting): { client?: string } {
  const name = startup.parameters['application_name']
  return name === undefined ? {} : { client: name }
}

/** What the server says between the password and the first question. */
function welcome(connection: TargetConnection, key: { pid: number; secret: number }): Buffer {
  return Buffer.concat([
    authenticationOk(),
    ...[...connection.settings].map(([name, value]) => parameterStatus(name, value)),
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
  client.on('data', (chunk: Buffer) => frontend.push(chunk))
  target.on('data', (chunk: Buffer) => backend.push(chunk))
  client.on('drain', () => target.resume())
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
    frontend.gate.withdraw()
    conversation.end(undefined)
    over()
  }

  function targetGone(): void {
    conversation.end(
      { code: 'TARGET_LOST', message: 'The target closed the connection.' },
      backend.midMessage || conversation.fatal,
    )
    over()
  }
}

function clientLeft(): ChaperoneError {
  return new ChaperoneError('PROTOCOL_VIOLATION', 'The client left before its session was open.')
}
