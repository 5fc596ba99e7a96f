import type { Command } from 'commander'
import { ChaperoneError } from '../../core/errors.ts'
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Resource } from '../../core/resource.ts'
import { RESOURCE_TYPES } from '../../core/resource.ts'
import { safeLines } from '../../core/safe-text.ts'
import { objectPath } from '../../policy/change/cases-schema.ts'
import { explain } from '../../policy/change/explain.ts'
import { formatExplanation } from '../../policy/change/format-explanation.ts'
import { contextOf } from '../common/context.ts'
import { NegativeResult } from '../common/failure.ts'
import type { Io } from '../common/io.ts'
import { loadCatalog, loadClassifier, loadPolicies } from '../common/policy-files.ts'

interface ExplainOptions {
  readonly agent: string
  readonly agentLabel?: readonly string[]
  readonly group?: readonly string[]
  readonly role?: readonly string[]
  readonly resource: string
  readonly type: string
  readonly label?: readonly string[]
  readonly sql?: string
  readonly catalog?: string
  readonly action?: string
  readonly object?: string
  readonly part?: readonly string[]
  readonly at?: string
}

/** `policy explain`: what would be decided, and which rule would have had what part in it. */
export function explainCommand(policy: Command, io: Io): void {
  policy
    .command('explain <folder>')
    .description('what policies say of one operation, and why')
    .requiredOption('--agent <name>', 'who asks')
    .option('--agent-label <key=value...>', "the agent's labels")
    .option('--group <id...>', 'groups of its token')
    .option('--role <name...>', 'app roles of its token')
    .requiredOption('--resource <name>', 'where it asks')
    .option('--type <type>', 'type of the resource', 'postgres')
    .option('--label <key=value...>', 'labels of the resource')
    .option('--sql <text>', 'a statement; - reads it from the standard input')
    .option('--catalog <file>', 'tables and columns that the statement names')
    .option('--action <name>', 'instead of a statement: an action')
    .option('--object <object>', 'and what it acts on')
    .option('--part <name...>', 'and the columns of it')
    .option('--at <time>', 'when, for conditions')
    .action(async (folder: string, options: ExplainOptions, command: Command) => {
      const policies = await loadPolicies(folder)
      const context = contextOf(command, io)
      const text = options.sql === '-' ? await io.readInput() : (options.sql ?? '')
      const asked = await askedFor(options, text)
      if ('denial' in asked) {
        const { denial } = asked
        context.show({ verdict: { effect: 'deny', denial } }, () =>
          safeLines(
            `deny (${denial.code}), before any policy\n  ${denial.message}\n  ${denial.hint}\n`,
          ),
        )
        throw new NegativeResult()
      }
      const { operation } = asked
      const now_ms = options.at === undefined ? io.clock.now_ms() : timeOf(options.at)
      const explanation = explain(policies, principalOf(options), resourceOf(options), operation, {
        text,
        now_ms,
        session: { id: 'explain', startedAt_ms: now_ms, clientAddress: '127.0.0.1' },
      })
      context.show({ ...explanation, operation }, () =>
        safeLines(formatExplanation(explanation, operation)),
      )
    })
}

async function askedFor(options: ExplainOptions, text: string) {
  const { sql, catalog, action, object } = options
  if (sql !== undefined && action === undefined && catalog !== undefined) {
    const classify = await loadClassifier()
    return classify(text, await loadCatalog(catalog))
  }
  if (action === undefined || object === undefined || sql !== undefined) {
    throw new ChaperoneError('REQUEST_INVALID', 'It is not said what the agent asks for.', {
      hint: 'Give --sql and --catalog, or --action and --object.',
    })
  }
  const path = objectPath(object)
  if (path === undefined) {
    throw new ChaperoneError('REQUEST_INVALID', '--object is no single object.', {
      hint: 'Write it as sales.public.orders, without "*"; its columns are --part.',
    })
  }
  const parts = options.part === undefined ? {} : { parts: options.part }
  const operation: Operation = {
    kind: action,
    fingerprint: action,
    accesses: [{ action, object: path, grant: 'required', ...parts }],
    predicates: [],
    results: [],
    facts: { statements: 1, readOnly: false, hasWhere: true },
  }
  return { operation }
}

function principalOf({ agent, agentLabel, group, role }: ExplainOptions): Principal {
  return {
    agent: {
      name: agent,
      tenant: '',
      objectId: '',
      owner: 'OWNER',
      purpose: '',
      labels: labelsOf(agentLabel),
      disabled: false,
    },
    groups: group ?? [],
    roles: role ?? [],
    via: 'token',
    tokenId: 'explain',
    tokenExpiresAt_ms: Infinity,
  }
}

function resourceOf({ resource, type, label }: ExplainOptions): Resource {
  const known = RESOURCE_TYPES.find((one) => one === type)
  if (known === undefined) {
    throw new ChaperoneError('REQUEST_INVALID', '--type is no type of resource.', {
      hint: `One of ${RESOURCE_TYPES.join(', ')}.`,
    })
  }
  return { name: resource, type: known, labels: labelsOf(label) }
}

function labelsOf(pairs: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
      throw new ChaperoneError('REQUEST_INVALID', 'A label is written key=value.')
    }),
  )
}

function timeOf(text: string): number {
  const time_ms = Date.parse(text)
  if (!Number.isNaN(time_ms)) return time_ms
  throw new ChaperoneError('REQUEST_INVALID', '--at is no time.', {
    hint: 'Such as 2026-11-24T09:00:00Z.',
  })
}
