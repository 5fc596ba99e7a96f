import type { Command } from 'commander'
import { z } from 'zod'
import { ChaperoneError } from '../../core/errors.ts'
import { safe, safeLines } from '../../core/safe-text.ts'
import { moreHint, pageOf, read, segment, shortTime } from '../common/answer.ts'
import type { Context } from '../common/context.ts'
import { contextOf } from '../common/context.ts'
import type { Io } from '../common/io.ts'
import { facts, paint } from '../common/text.ts'

const approvalSchema = z.object({
  id: z.string(),
  state: z.string(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  agent: z.object({ name: z.string(), owner: z.string(), purpose: z.string() }),
  onBehalfOf: z.string().optional(),
  resource: z.object({ name: z.string(), type: z.string() }),
  kind: z.string(),
  text: z.string(),
  parameters: z.array(z.string().nullable()).optional(),
  hiddenCharacters: z.boolean(),
  estimatedRows: z.number().optional(),
  digest: z.string(),
  rules: z.array(z.object({ policy: z.string(), rule: z.string() })),
  asked: z.string(),
  answers: z.array(
    z.object({ person: z.string(), answer: z.string(), reason: z.string().optional() }),
  ),
})
type Approval = z.output<typeof approvalSchema>

interface AnswerOptions {
  readonly reason?: string
  readonly yes?: boolean
  readonly digest?: string
}

/** `approvals …`: operations that wait for a human. */
export function approvalCommands(program: Command, io: Io): void {
  const approvals = program.command('approvals').description('operations that wait for a human')
  approvals
    .command('list')
    .description('list requests, newest first')
    .option('--state <state>', 'pending, approved, denied, expired, withdrawn or all', 'pending')
    .option('--agent <name>', 'only of this agent')
    .option('--after <mark>', 'go on after a page')
    .option('--limit <count>', 'how many at most')
    .action(async (options: Readonly<Record<string, string>>, command: Command) => {
      const context = contextOf(command, io)
      const { state, ...others } = options
      const query = { ...others, state: state === 'all' ? undefined : state }
      listText(context, await context.call('GET', '/v1/approvals', { query }))
    })
  approvals
    .command('show <id>')
    .description('show exactly what would run')
    .action(async (id: string, _options, command: Command) => {
      const context = contextOf(command, io)
      const answer = await context.call('GET', `/v1/approvals/${segment(id)}`)
      context.show(answer, () => approvalText(read(approvalSchema, answer), io.out.colour))
    })
  answerCommand(approvals, io, 'approve', 'let it run, once')
  answerCommand(approvals, io, 'deny', 'refuse it')
}

function answerCommand(approvals: Command, io: Io, verb: 'approve' | 'deny', what: string): void {
  const command = approvals
    .command(`${verb} <id>`)
    .description(what)
    .option('--reason <text>', 'why; some rules want one')
  if (verb === 'approve') {
    command
      .option('--yes', 'do not ask; the request is shown all the same')
      .option('--digest <digest>', 'approve only if the request has this digest')
  }
  command.action(async (id: string, options: AnswerOptions, command: Command) => {
    const context = contextOf(command, io)
    const digest = verb === 'approve' ? await looked(context, id, options) : undefined
    const answer = await context.call('POST', `/v1/approvals/${segment(id)}/${verb}`, {
      body: {
        ...(options.reason === undefined ? {} : { reason: options.reason }),
        ...(digest === undefined ? {} : { digest }),
      },
    })
    context.show(answer, () => {
      const approval = read(approvalSchema, answer)
      return `${safe(approval.id)} is ${safe(approval.state)}\n`
    })
  })
}

/**
 * Shows what is to be approved, and returns the digest of exactly that: should the request be
 * another by the time the answer arrives, the gateway refuses the answer.
 */
async function looked(context: Context, id: string, options: AnswerOptions): Promise<string> {
  if (options.digest !== undefined) return options.digest
  const { io } = context
  const answer = await context.call('GET', `/v1/approvals/${segment(id)}`)
  const approval = read(approvalSchema, answer)
  io.err.write(approvalText(approval, io.err.colour))
  if (options.yes === true) return approval.digest
  if (io.ask === undefined) throw unasked()
  const reply = await io.ask('Approve exactly this? Type yes: ')
  if (reply.trim().toLowerCase() !== 'yes') throw unasked()
  return approval.digest
}

function unasked(): ChaperoneError {
  return new ChaperoneError('REQUEST_INVALID', 'Nothing was approved.', {
    hint: 'Type yes, or give --yes or --digest where nobody can be asked.',
  })
}

function listText(context: Context, answer: unknown): void {
  context.show(answer, () => {
    const page = read(pageOf(approvalSchema), answer)
    context.io.err.write(moreHint(page.next))
    const rows = page.items.map((approval) => [
      approval.id,
      approval.state,
      approval.agent.name,
      approval.resource.name,
      approval.kind,
      shortTime(approval.expiresAt),
    ])
    return context.table(['ID', 'STATE', 'AGENT', 'RESOURCE', 'OPERATION', 'EXPIRES'], rows)
  })
}

function approvalText(approval: Approval, colour: boolean): string {
  const head = facts([
    ['id', approval.id],
    ['state', approval.state],
    ['agent', `${approval.agent.name} (${approval.agent.purpose})`],
    ['owner', approval.agent.owner],
    ['on behalf of', approval.onBehalfOf],
    ['resource', `${approval.resource.name} (${approval.resource.type})`],
    ['operation', approval.kind],
    ['rows', approval.estimatedRows === undefined ? undefined : `about ${approval.estimatedRows}`],
    ['rules', approval.rules.map(({ policy, rule }) => `${policy}/${rule}`).join(', ')],
    ['asked', approval.asked],
    ['expires', shortTime(approval.expiresAt)],
    ['digest', approval.digest],
    ...approval.answers.map((one) => [one.answer, answerText(one)] as const),
  ])
  const warning = 'Careful: it holds characters that do not show. They are written as \\uXXXX.'
  const warned = approval.hiddenCharacters ? `${colour ? paint('yellow', warning) : warning}\n` : ''
  return `${head}${warned}\n${block(approval.text)}${parameterText(approval.parameters)}`
}

function answerText(answer: Approval['answers'][number]): string {
  return answer.reason === undefined ? answer.person : `${answer.person}: ${answer.reason}`
}

function block(text: string): string {
  return `${safeLines(text).replaceAll(/^/gm, '    ')}\n`
}

function parameterText(parameters: Approval['parameters']): string {
  return (parameters ?? [])
    .map(
      (value, index) =>
        `    $${index + 1} = ${value === null ? 'NULL' : safe(JSON.stringify(value))}\n`,
    )
    .join('')
}
