import type { Command } from 'commander'
import { z } from 'zod'
import { ChaperoneError } from '../../core/errors.ts'
import { safe } from '../../core/safe-text.ts'
import { labelText, moreHint, pageOf, read, segment, shortTime } from '../common/answer.ts'
import { contextOf } from '../common/context.ts'
import type { Io } from '../common/io.ts'
import { facts } from '../common/text.ts'

const agentSchema = z.object({
  name: z.string(),
  tenant: z.string(),
  objectId: z.string(),
  appId: z.string().optional(),
  owner: z.string(),
  purpose: z.string(),
  labels: z.record(z.string(), z.string()),
  expires: z.string().optional(),
  disabled: z.boolean(),
  source: z.string().optional(),
})

const revokedSchema = z.object({ sessions: z.number(), approvals: z.number() })

interface AgentOptions {
  readonly tenant?: string
  readonly objectId?: string
  readonly appId?: string
  readonly owner?: string
  readonly purpose?: string
  readonly label?: readonly string[]
  /** `false` by --no-expires. */
  readonly expires?: string | false
}

/** `agents …`: the register. */
export function agentCommands(program: Command, io: Io): void {
  const agents = program.command('agents').description('registered agents')
  listCommand(agents, io)
  showCommand(agents, io)
  addCommand(agents, io)
  updateCommand(agents, io)
  removeCommand(agents, io)
  accessCommands(agents, io)
}

function listCommand(agents: Command, io: Io): void {
  agents
    .command('list')
    .description('list agents')
    .option('--after <name>', 'go on after this one')
    .option('--limit <count>', 'how many at most')
    .action(async (options: { after?: string; limit?: string }, command: Command) => {
      const context = contextOf(command, io)
      const answer = await context.call('GET', '/v1/agents', { query: options })
      context.show(answer, () => {
        const page = read(pageOf(agentSchema), answer)
        io.err.write(moreHint(page.next))
        const rows = page.items.map((agent) => [
          agent.name,
          agent.owner,
          agent.disabled ? 'revoked' : 'enabled',
          shortTime(agent.expires),
          agent.purpose,
        ])
        return context.table(['NAME', 'OWNER', 'ACCESS', 'EXPIRES', 'PURPOSE'], rows)
      })
    })
}

function showCommand(agents: Command, io: Io): void {
  agents
    .command('show <name>')
    .description('show one agent')
    .action(async (name: string, _options, command: Command) => {
      const context = contextOf(command, io)
      const answer = await context.call('GET', `/v1/agents/${segment(name)}`)
      context.show(answer, () => agentText(answer))
    })
}

function addCommand(agents: Command, io: Io): void {
  agents
    .command('add <name>')
    .description('register an agent')
    .requiredOption('--tenant <id>', 'tenant of its identity')
    .requiredOption('--object-id <id>', 'object id of its service principal')
    .option('--app-id <id>', 'its application id')
    .requiredOption('--owner <who>', 'who answers for it; best an object id')
    .requiredOption('--purpose <text>', 'what it is for')
    .option('--label <key=value...>', 'labels')
    .option('--expires <date>', 'a date (00:00 UTC) or a time with its offset')
    .action(async (name: string, options: AgentOptions, command: Command) => {
      const context = contextOf(command, io)
      const body = { name, ...fields(options) }
      const answer = await context.call('POST', '/v1/agents', { body })
      context.show(answer, () => agentText(answer))
    })
}

function updateCommand(agents: Command, io: Io): void {
  agents
    .command('update <name>')
    .description('change a registration')
    .option('--owner <who>', 'who answers for it')
    .option('--purpose <text>', 'what it is for')
    .option('--label <key=value...>', 'labels; replaces all of them')
    .option('--expires <date>', 'a date (00:00 UTC) or a time with its offset')
    .option('--no-expires', 'never')
    .action(async (name: string, options: AgentOptions, command: Command) => {
      const context = contextOf(command, io)
      const body = fields(options)
      if (Object.keys(body).length === 0) throw usage('Nothing to change was given.')
      const answer = await context.call('PATCH', `/v1/agents/${segment(name)}`, { body })
      context.show(answer, () => agentText(answer))
    })
}

function removeCommand(agents: Command, io: Io): void {
  agents
    .command('remove <name>')
    .description('revoke an agent and forget its registration; records stay')
    .action(async (name: string, _options, command: Command) => {
      const context = contextOf(command, io)
      await context.call('DELETE', `/v1/agents/${segment(name)}`)
      context.show({ removed: name }, () => `Removed ${safe(name)}\n`)
    })
}

function accessCommands(agents: Command, io: Io): void {
  agents
    .command('revoke <name>')
    .description('shut an agent out, and end its sessions at once')
    .option('--reason <text>', 'why')
    .action(async (name: string, options: { reason?: string }, command: Command) => {
      const context = contextOf(command, io)
      const path = `/v1/agents/${segment(name)}/revoke`
      const answer = await context.call('POST', path, { body: { ...options } })
      context.show(answer, () => {
        const ended = read(revokedSchema, answer)
        return `Revoked ${safe(name)}: ${ended.sessions} sessions and ${ended.approvals} waiting approvals ended\n`
      })
    })
  agents
    .command('restore <name>')
    .description('let an agent in again')
    .option('--reason <text>', 'why')
    .action(async (name: string, options: { reason?: string }, command: Command) => {
      const context = contextOf(command, io)
      const path = `/v1/agents/${segment(name)}/restore`
      const answer = await context.call('POST', path, { body: { ...options } })
      context.show(answer, () => agentText(answer))
    })
}

function agentText(answer: unknown): string {
  const agent = read(agentSchema, answer)
  return facts([
    ['name', agent.name],
    ['owner', agent.owner],
    ['purpose', agent.purpose],
    ['access', agent.disabled ? 'revoked' : 'enabled'],
    ['expires', shortTime(agent.expires) ?? 'never'],
    ['labels', labelText(agent.labels)],
    ['tenant', agent.tenant],
    ['object id', agent.objectId],
    ['app id', agent.appId],
    ['source', agent.source],
  ])
}

/** Only what was given, in the API's words. */
function fields(options: AgentOptions): Readonly<Record<string, unknown>> {
  const { label, expires, ...plain } = options
  return {
    ...plain,
    ...(label === undefined ? {} : { labels: parseLabels(label) }),
    ...(expires === undefined ? {} : { expires: expires === false ? null : expires }),
  }
}

function parseLabels(labels: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    labels.map((label) => {
      const at = label.indexOf('=')
      if (at <= 0) throw usage('A label is key=value.')
      return [label.slice(0, at), label.slice(at + 1)]
    }),
  )
}

function usage(message: string): ChaperoneError {
  return new ChaperoneError('REQUEST_INVALID', message, { hint: 'See `chaperone agents --help`.' })
}
