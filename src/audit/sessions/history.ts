import type { ChaperoneError } from '../../core/errors.ts'
import type { ObjectPath } from '../../core/object.ts'
import { parseObject } from '../../core/object.ts'
import type { Access, Copy, Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Resource } from '../../core/resource.ts'
import { RESOURCE_TYPES } from '../../core/resource.ts'
import type { Verdict } from '../../core/verdict.ts'
import { at, listAt, numberAt, textAt, textsAt } from '../reading/fields.ts'
import { lineKind, sessionIn } from '../reading/raw-line.ts'
import type { RecordLine } from '../reading/reader.ts'
import { readRecords, recordOr } from '../reading/reader.ts'
import { listSegments } from '../reading/segment-files.ts'

/** An operation that policies decided on, with all that they were asked. */
export interface PastOperation {
  readonly session: PastSession
  readonly id: string
  readonly at_ms: number
  readonly text: string
  readonly operation: Operation
  readonly effect: Verdict['effect']
}

export interface PastSession {
  readonly id: string
  readonly startedAt_ms: number
  readonly clientAddress: string
  readonly principal: Principal
  readonly resource: Resource
}

export interface HistoryOptions {
  readonly folder: string
  readonly from_ms?: number
  /** Hears of records that cannot be read, and of operations whose session is not in the folder. */
  readonly skipped: (why: ChaperoneError | 'session-unknown') => void
}

/**
 * Recorded operations, oldest first. What was refused before any policy was asked (a text that could
 * not be read) is left out. Where only the beginning of a text was kept, that is its text.
 */
export async function* pastOperations(options: HistoryOptions): AsyncGenerator<PastOperation> {
  const { folder, from_ms = 0, skipped } = options
  const sessions = new Map<string, PastSession>()
  const read = (line: RecordLine) =>
    recordOr(line, (error) => {
      skipped(error)
      return undefined
    })
  for await (const batch of readRecords({ folder, segments: await listSegments(folder) })) {
    if (batch.damage !== undefined) skipped(batch.damage)
    for (const line of batch.lines) {
      const id = sessionIn(line.bytes) ?? ''
      const kind = lineKind(line.bytes)
      if (kind === 'session.opened') {
        const session = sessionOf(id, read(line))
        if (session !== undefined) sessions.set(id, session)
      } else if (kind === 'session.closed') sessions.delete(id)
      else if (kind === 'operation.intent') {
        const session = sessions.get(id)
        const past = session === undefined ? undefined : operationOf(session, read(line))
        if (session === undefined) skipped('session-unknown')
        if (past !== undefined && past.at_ms >= from_ms) yield past
      }
    }
  }
}

type Event = Readonly<Record<string, unknown>>

const ours = (event: Event | undefined): unknown => at(event, 'unmapped', 'chaperone')

function sessionOf(id: string, event: Event | undefined): PastSession | undefined {
  const own = ours(event)
  const agent = textAt(own, 'agent')
  const resource = textAt(own, 'resource')
  const type = RESOURCE_TYPES.find((one) => one === textAt(own, 'resourceType'))
  if (agent === undefined || resource === undefined || type === undefined) return undefined
  return {
    id,
    startedAt_ms: numberAt(own, 'startedAt_ms') ?? 0,
    clientAddress: textAt(own, 'clientAddress') ?? '',
    resource: { name: resource, type, labels: labelsAt(own, 'resourceLabels') },
    principal: {
      agent: {
        name: agent,
        tenant: textAt(own, 'tenant') ?? '',
        objectId: textAt(event, 'actor', 'user', 'uid') ?? '',
        owner: textAt(own, 'owner') ?? '',
        purpose: textAt(own, 'purpose') ?? '',
        labels: labelsAt(own, 'agentLabels'),
        disabled: false,
      },
      groups: textsAt(own, 'groups'),
      roles: textsAt(own, 'roles'),
      via: 'token',
      tokenId: textAt(own, 'tokenId') ?? '',
      tokenExpiresAt_ms: numberAt(own, 'tokenExpiresAt_ms') ?? 0,
    },
  }
}

function labelsAt(value: unknown, name: string): Readonly<Record<string, string>> {
  const labels = Object.entries(at(value, name) ?? {})
  return Object.fromEntries(labels.filter(([, label]) => typeof label === 'string'))
}

const EFFECTS = ['allow', 'hold', 'deny'] as const

function operationOf(session: PastSession, event: Event | undefined): PastOperation | undefined {
  const own = ours(event)
  const effect = EFFECTS.find((one) => one === textAt(own, 'verdict'))
  const wasAsked = listAt(own, 'accesses').length > 0
  if (effect === undefined || !wasAsked || textAt(own, 'phase') !== 'run') return undefined
  return {
    session,
    id: textAt(own, 'operation') ?? '',
    at_ms: numberAt(event, 'time') ?? 0,
    text: textAt(event, 'query_info', 'query_string') ?? textAt(own, 'text') ?? '',
    operation: shapeOf(own),
    effect,
  }
}

function shapeOf(own: unknown): Operation {
  const copies = listAt(own, 'copies').map(copyOf)
  const hidden = numberAt(own, 'facts', 'hidden')
  return {
    kind: textAt(own, 'statement') ?? '',
    fingerprint: textAt(own, 'fingerprint') ?? '',
    accesses: listAt(own, 'accesses').map(accessOf),
    predicates: textsAt(own, 'predicates').map(pathOf),
    results: [],
    ...(copies.length === 0 ? {} : { copies }),
    facts: {
      statements: numberAt(own, 'facts', 'statements') ?? 1,
      readOnly: at(own, 'facts', 'readOnly') === true,
      hasWhere: at(own, 'facts', 'hasWhere') === true,
      ...(hidden === undefined ? {} : { hidden }),
      ...(at(own, 'facts', 'unread') === true ? { unread: true } : {}),
    },
  }
}

function accessOf(access: unknown): Access {
  const parts = at(access, 'parts')
  return {
    action: textAt(access, 'action') ?? '',
    object: pathOf(textAt(access, 'object') ?? ''),
    ...(parts === undefined ? {} : { parts: parts === 'all' ? parts : textsAt(access, 'parts') }),
    grant: at(access, 'implied') === true ? 'implied' : 'required',
  }
}

function copyOf(copy: unknown): Copy {
  const from = textAt(copy, 'from')
  return {
    from: from === undefined ? 'unknown' : pathOf(from),
    to: pathOf(textAt(copy, 'to') ?? ''),
  }
}

/** A text that is no path stands for itself, which no pattern of a policy is likely to match. */
function pathOf(text: string): ObjectPath {
  return parseObject(text) ?? [text]
}
