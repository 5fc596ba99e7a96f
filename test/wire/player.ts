import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { systemClock } from '../../src/core/clock.ts'
import type { Log } from '../../src/core/log.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Principal } from '../../src/core/principal.ts'
import { parsePolicies } from '../../src/policy/document.ts'
import { createPolicySet } from '../../src/policy/policy-set.ts'
import { Backend } from '../../src/protocol/postgres/conversation/backend.ts'
import { Conversation } from '../../src/protocol/postgres/conversation/conversation.ts'
import { Frontend } from '../../src/protocol/postgres/conversation/frontend.ts'
import { Classifier, createCatalogViews } from '../../src/protocol/postgres/judging/classifier.ts'
import { createTraffic } from '../../src/protocol/postgres/judging/traffic.ts'
import type { CommitWaiter, Recorder, Trail } from '../../src/record/lines/trail.ts'
import type { SessionHost } from '../../src/session/governed.ts'
import { openGovernedSession } from '../../src/session/governed.ts'
import { createSessionRegistry } from '../../src/session/registry.ts'
import { createMemory } from '../../src/session/shares.ts'
import { createTurns } from '../../src/session/turns.ts'
import { parse } from '../../src/sql/postgres/classify.ts'
import { createTrees } from '../../src/sql/postgres/parse/trees.ts'

/** What all conversations are under: a mask, a row limit, a denial. */
const POLICY = `
name: wire
subjects: { agents: ["*"] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
    mask: [{ columns: [sales.public.customers.email], with: email }]
  - id: few
    allow: { actions: [sql.select], objects: [sales.public.numbers] }
    maxRows: 3
  - id: write
    allow: { actions: [sql.insert, sql.update], objects: [sales.public.*] }
  - id: talk
    allow: { actions: [sql.listen, sql.notify], objects: [sales.**] }
  - id: no-ddl
    deny: { actions: [sql.ddl.*] }
    message: Use migrations.
`

/** One governed conversation between sockets that are none, so that every byte can be placed. */
export interface Player {
  fromClient(bytes: Buffer): void
  fromTarget(bytes: Buffer): void
  /** What went to each side since it was last taken. */
  takeForTarget(): Buffer
  takeForClient(): Buffer
  /** The host's policies have changed. */
  policyChanged(): void
  /** The client asks to cancel what is under way. */
  cancel(): Promise<void>
  /** False while what the client says is left in its socket. */
  hearsClient(): boolean
  /** The client goes away. */
  leave(): void
}

export function openPlayer(
  log: Log = silentLog,
  { agent = 'wire', ...parts }: Partial<SessionHost> & { readonly agent?: string } = {},
  cancelTarget = () => Promise.resolve(),
): Player {
  const client = new Ear()
  const target = new Ear()
  const registry = createSessionRegistry(systemClock, { sessionsMax: 1, sessionsPerAgentMax: 1 })
  const nothing = () => {}
  const host: SessionHost = {
    clock: systemClock,
    recorder: instantRecorder(),
    registry,
    approvals: {
      ask() {
        throw new Error('nothing is held here')
      },
    },
    metrics: {
      session: () => ({
        opened: nothing,
        closed: nothing,
        operation: nothing,
        operationDone: nothing,
        holds: nothing,
        bytes: nothing,
      }),
    },
    memory: createMemory({ bytesMax: 2 ** 30, perHolderMax: 2 ** 28 }),
    turns: createTurns(STILL),
    policies: () => createPolicySet(parsePolicies([{ file: 'wire.yaml', text: POLICY }])),
    ...parts,
  }
  const session = openGovernedSession(
    host,
    {
      principal: { ...PRINCIPAL, agent: { ...PRINCIPAL.agent, name: agent } },
      resource: { name: 'sales-db', type: 'postgres', labels: {} },
      protocol: 'postgres',
      clientAddress: '127.0.0.1',
      life: { max_ms: 1e9, idle_ms: 1e9, bindToToken: false },
    },
    {
      end: nothing,
      judgeAgain: () => frontend.judgeAgain(),
    },
  )
  const limits = { fresh_ms: 1e9, statements: 100, statementLength: 100_000 }
  const conversation = new Conversation({
    client: client as unknown as Socket,
    target: target as unknown as Socket,
    session,
    classifier: new Classifier({
      views: createCatalogViews(systemClock, limits, () => NO_POLICIES),
      key: { server: 'wire:5432', resource: 'wire', database: 'sales', role: 'gateway' },
      searchPath: 'public',
      trees: createTrees(parse, () => true),
    }),
    traffic: createTraffic().join('wire:5432'),
    recorder: host.recorder,
    approvals: host.approvals,
    clock: host.clock,
    turns: host.turns,
    log,
    limits: {
      statementBytesMax: 100_000,
      bindBytesMax: 100_000,
      maskedRowBytesMax: 100_000,
      aheadBytesMax: 100_000,
      preparedMax: 100,
    },
    keys: { hashKey: Buffer.alloc(32, 1) },
    database: 'sales',
    applicationName: 'wire',
    settings: new Map(),
    cancelTarget,
  })
  const frontend = new Frontend(conversation)
  const backend = new Backend(conversation)
  return {
    fromClient: (bytes) => frontend.push(bytes),
    fromTarget: (bytes) => backend.push(bytes),
    takeForTarget: () => target.take(),
    takeForClient: () => client.take(),
    policyChanged: () => registry.policyChanged(),
    async cancel() {
      if (frontend.gate.holding) frontend.gate.withdraw()
      else if (!conversation.quiet) await conversation.cancels.send()
    },
    hearsClient: () => !client.isPaused(),
    leave: () => conversation.end(undefined),
  }
}

/** A turn has no end, so that nothing depends on how fast the machine is. */
const STILL = { steady_ms: () => 0 }

const PRINCIPAL: Principal = {
  agent: {
    name: 'wire',
    tenant: 't',
    objectId: 'o',
    owner: 'owner@example.com',
    purpose: 'testing',
    labels: {},
    disabled: false,
  },
  groups: [],
  roles: [],
  via: 'token',
  tokenId: 'id',
  tokenExpiresAt_ms: Number.MAX_SAFE_INTEGER,
}

/** A socket that only listens. */
class Ear extends EventEmitter {
  readonly writableNeedDrain = false
  readonly writableLength = 0
  #heard: Buffer[] = []
  #paused = false

  write(bytes: Buffer): boolean {
    this.#heard.push(Buffer.from(bytes))
    return true
  }

  take(): Buffer {
    const heard = Buffer.concat(this.#heard)
    this.#heard = []
    return heard
  }

  end(bytes?: Buffer): void {
    if (bytes !== undefined) this.write(bytes)
  }

  cork(): void {}
  uncork(): void {}
  destroy(): void {}
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
  }

  isPaused(): boolean {
    return this.#paused
  }
}

/** Commits at once, so that nothing depends on turns of the event loop. */
function instantRecorder(): Recorder {
  let count = 0
  const trail: Trail = {
    opened() {},
    intent: () => String(++count),
    outcome() {},
    terminal() {},
    closed() {},
    refuses: () => false,
  }
  return {
    openTrail: () => trail,
    note() {},
    noteOf: () => true,
    afterCommit: (waiter: CommitWaiter) => waiter.committed(),
    fault: undefined,
    close: () => Promise.resolve(),
  }
}

const NO_POLICIES = { version: '', tellsApart: () => false }
