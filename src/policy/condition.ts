import { Environment } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { ChaperoneError } from '../core/errors.ts'
import { formatObject } from '../core/object.ts'
import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { Keeps } from './condition-tree.ts'
import { deepLoop, keepsOf, listsRead, matchesCalls, readsText } from './condition-tree.ts'
import { CEL_LIMITS, CONDITION_LIST_MAX, LOOP_DEPTH_MAX } from './limits.ts'
import type { DecisionContext } from './ruleset.ts'

/** A compiled `when`. It can only make a rule narrower. */
export interface Condition {
  readonly source: string
  /** How long its answer keeps; see Verdict. */
  readonly keeps: Keeps
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
      hidden: 'int',
      unseen: 'list<string>',
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
  const wrong = check(environment, source)
  if (wrong !== undefined) return wrong
  const tree = environment.parse(source).ast
  const loop = deepLoop(tree)
  if (loop !== undefined) {
    return `${loop.name}() at character ${loop.at + 1} stands too deep inside other loops; ${LOOP_DEPTH_MAX} levels may be`
  }
  const linear = withLinearMatches(source)
  if (typeof linear === 'string') return linear
  const run = linear.environment.parse(linear.source)
  const lists = listsRead(tree)
  const ofText = readsText(tree)
  return {
    source,
    keeps: keepsOf(run.ast),
    holds(subject, operation, context) {
      if (ofText && operation.facts.unread === true) {
        throw new ChaperoneError(
          'POLICY_CONDITION_ERROR',
          'A condition reads a text that nobody can.',
        )
      }
      const all = variables(subject, operation, context)
      checkLists(all, lists)
      return run(all) === true
    },
  }
}

function check(within: Environment, source: string): string | undefined {
  try {
    const result = within.check(source)
    if (!result.valid) return firstLine(result.error?.message ?? 'does not fit together')
    return result.type === 'bool' ? undefined : `must be true or false, not ${result.type}`
  } catch (error) {
    return firstLine(error instanceof Error ? error.message : 'cannot be read')
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}

interface LinearSource {
  readonly environment: Environment
  readonly source: string
}

const LINEAR = 'matchesInLinearTime'

/**
 * CEL's `matches` means RE2, but the library runs it as a JavaScript expression, with which an
 * agent's text could hang the gateway. So it becomes a call of a function of ours. Returns what is
 * wrong, in words.
 */
function withLinearMatches(source: string): LinearSource | string {
  const calls = matchesCalls(environment.parse(source).ast)
  if (calls.length === 0) return { environment, source }
  const expressions = new Map<string, RE2JS>()
  for (const { argument } of calls) {
    if (argument?.op !== 'value' || typeof argument.args !== 'string') {
      return 'matches() takes a text that is written there, so that it can be checked now'
    }
    try {
      expressions.set(argument.args, RE2JS.compile(argument.args))
    } catch (error) {
      return `is no RE2 regular expression: ${firstLine(error instanceof Error ? error.message : '')}`
    }
  }
  let changed = source
  const ends = calls.map((call) => call.receiverEnd).sort((a, b) => b - a)
  for (const end of ends) {
    const name = /^[\s)]*\.\s*matches(?=\s*\()/.exec(changed.slice(end))
    if (name === null) return 'write .matches(…) right behind what it is asked of'
    const at = end + name[0].length
    changed = changed.slice(0, at - 'matches'.length) + LINEAR + changed.slice(at)
  }
  const own = environment
    .clone()
    .registerFunction(`string.${LINEAR}(string): bool`, (text: string, written: string) =>
      expressions.get(written)!.test(text),
    )
  const wrong = check(own, changed)
  if (wrong !== undefined) return wrong
  if (matchesCalls(own.parse(changed).ast).length > 0) return 'matches() cannot be used in this way'
  return { environment: own, source: changed }
}

/** A list that is too long for loops over it makes the condition fail, and so the operation. */
function checkLists({ agent, op }: Variables, read: ReadonlySet<string>): void {
  for (const [name, list] of Object.entries({ ...agent, ...op })) {
    if (!Array.isArray(list) || list.length <= CONDITION_LIST_MAX || !read.has(name)) continue
    throw new ChaperoneError('POLICY_CONDITION_ERROR', `A condition reads ${name}, of too many.`)
  }
}

type Variables = ReturnType<typeof variables>

function variables(
  { principal, resource }: Subject,
  operation: Operation,
  context: DecisionContext,
) {
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
      hidden: BigInt(facts.hidden ?? 0),
      unseen: facts.unseen ?? [],
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
