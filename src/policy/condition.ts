import { Environment } from '@marcbachmann/cel-js'
import { formatObject } from '../core/object.ts'
import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import { CEL_LIMITS } from './limits.ts'
import type { DecisionContext } from './ruleset.ts'

/** A compiled `when`. It can only make a rule narrower. */
export interface Condition {
  readonly source: string
  /** How long its answer keeps; see Verdict. */
  readonly keeps: 'shape' | 'text' | 'moment'
  /** Throws when the expression fails on this operation. */
  holds(subject: Subject, operation: Operation, context: DecisionContext): boolean
}

export interface Subject {
  readonly principal: Principal
  readonly resource: Resource
}

const environment = new Environment({ limits: CEL_LIMITS })
  .registerVariable({
    name: 'agent',
    schema: {
      name: 'string',
      owner: 'string',
      purpose: 'string',
      labels: 'map<string, string>',
      groups: 'list<string>',
      roles: 'list<string>',
    },
  })
  .registerVariable({
    name: 'resource',
    schema: { name: 'string', type: 'string', labels: 'map<string, string>' },
  })
  .registerVariable({
    name: 'op',
    schema: {
      kind: 'string',
      actions: 'list<string>',
      objects: 'list<string>',
      statements: 'int',
      readOnly: 'bool',
      hasWhere: 'bool',
      text: 'string',
    },
  })
  .registerVariable({
    name: 'session',
    schema: { id: 'string', startedAt: 'google.protobuf.Timestamp', clientAddress: 'string' },
  })
  .registerVariable('now', 'google.protobuf.Timestamp')

/** Returns what is wrong, in words, where the source is no condition. */
export function parseCondition(source: string): Condition | string {
  const checked = check(source)
  if (checked !== undefined) return checked
  const run = environment.parse(source)
  return {
    source,
    keeps: keepsOf(source),
    holds: (subject, operation, context) => run(variables(subject, operation, context)) === true,
  }
}

function check(source: string): string | undefined {
  try {
    const result = environment.check(source)
    if (!result.valid) return firstLine(result.error?.message ?? 'does not fit together')
    return result.type === 'bool' ? undefined : `must be true or false, not ${result.type}`
  } catch (error) {
    return firstLine(error instanceof Error ? error.message : 'cannot be read')
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}

/** By the names in it, whatever they stand for there: too short a life costs time, too long is wrong. */
function keepsOf(source: string): Condition['keeps'] {
  if (/\b(?:now|session)\b/.test(source)) return 'moment'
  return /\btext\b/.test(source) ? 'text' : 'shape'
}

function variables(
  { principal, resource }: Subject,
  operation: Operation,
  context: DecisionContext,
): Record<string, unknown> {
  const { agent, groups, roles } = principal
  const { facts, accesses } = operation
  return {
    agent: {
      name: agent.name,
      owner: agent.owner,
      purpose: agent.purpose,
      labels: agent.labels,
      groups,
      roles,
    },
    resource: { name: resource.name, type: resource.type, labels: resource.labels },
    op: {
      kind: operation.kind,
      actions: accesses.map(({ action }) => action),
      objects: accesses.map(({ object }) => formatObject(object)),
      statements: BigInt(facts.statements),
      readOnly: facts.readOnly,
      hasWhere: facts.hasWhere,
      text: context.text,
    },
    session: {
      id: context.session.id,
      startedAt: new Date(context.session.startedAt_ms),
      clientAddress: context.session.clientAddress,
    },
    now: new Date(context.now_ms),
  }
}
