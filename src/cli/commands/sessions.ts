import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { asciicast, terminalsOf } from '../../audit/sessions/asciicast.ts'
import { formatReplay } from '../../audit/sessions/format-replay.ts'
import type { Replay } from '../../audit/sessions/replay.ts'
import { replayOf } from '../../audit/sessions/replay.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { safe } from '../../core/safe-text.ts'
import { moreHint, pageOf, read, segment, shortTime } from '../common/answer.ts'
import { contextOf } from '../common/context.ts'
import { eventLine, eventSchema } from '../common/events.ts'
import type { Io } from '../common/io.ts'
import { facts } from '../common/text.ts'

const sessionSchema = z.object({
  id: z.string(),
  agent: z.string(),
  resource: z.string(),
  protocol: z.string(),
  clientAddress: z.string(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  code: z.string().optional(),
  live: z.boolean(),
  counts: z.object({
    operations: z.number(),
    denied: z.number(),
    held: z.number(),
    rows: z.number().optional(),
  }),
})
type Session = z.output<typeof sessionSchema>

const timelineSchema = z.object({ session: sessionSchema, events: z.array(eventSchema) })

/** Records as they are: what is missing in one is left out of the replay, never refused. */
const replaySchema = z.object({
  session: sessionSchema.extend({ startedAt: z.iso.datetime() }),
  events: z.array(z.record(z.string(), z.unknown())),
})

interface ListOptions {
  readonly live?: boolean
  readonly agent?: string
  readonly resource?: string
  readonly after?: string
  readonly limit?: string
}

/** `sessions …` and `search`: what was done. */
export function sessionCommands(program: Command, io: Io): void {
  const sessions = program.command('sessions').description('conversations of agents')
  listCommand(sessions, io)
  showCommand(sessions, io)
  replayCommand(sessions, io)
  endCommand(sessions, io)
  searchCommand(program, io)
}

function listCommand(sessions: Command, io: Io): void {
  sessions
    .command('list')
    .description('list sessions, newest first')
    .option('--live', 'only those that are open now')
    .option('--agent <name>', 'only of this agent')
    .option('--resource <name>', 'only on this resource')
    .option('--after <mark>', 'go on after a page')
    .option('--limit <count>', 'how many at most')
    .action(async ({ live, ...options }: ListOptions, command: Command) => {
      const context = contextOf(command, io)
      const query = { ...options, live: live === true ? 'true' : undefined }
      const answer = await context.call('GET', '/v1/sessions', { query })
      context.show(answer, () => {
        const page = read(pageOf(sessionSchema), answer)
        io.err.write(moreHint(page.next))
        const rows = page.items.map((session) => [
          session.id,
          session.agent,
          session.resource,
          shortTime(session.startedAt),
          String(session.counts.operations),
          String(session.counts.denied),
          String(session.counts.held),
          stateOf(session),
        ])
        const counts = ['OPERATIONS', 'DENIED', 'HELD']
        return context.table(['ID', 'AGENT', 'RESOURCE', 'STARTED', ...counts, 'STATE'], rows)
      })
    })
}

function showCommand(sessions: Command, io: Io): void {
  sessions
    .command('show <id>')
    .description('show one session')
    .action(async (id: string, _options, command: Command) => {
      const context = contextOf(command, io)
      const answer = await context.call('GET', `/v1/sessions/${segment(id)}`)
      context.show(answer, () => {
        const { session, events } = read(timelineSchema, answer)
        return facts([
          ['id', session.id],
          ['agent', session.agent],
          ['resource', session.resource],
          ['protocol', session.protocol],
          ['client', session.clientAddress],
          ['started', shortTime(session.startedAt)],
          ['ended', shortTime(session.endedAt)],
          ['state', stateOf(session)],
          ['operations', countsOf(session)],
          ['records', String(events.length)],
        ])
      })
    })
}

function replayCommand(sessions: Command, io: Io): void {
  sessions
    .command('replay <id>')
    .description('show everything that was recorded of a session, in order')
    .option('--cast <file>', 'write its terminal as asciicast v3, for asciinema and other players')
    .option('--operation <id>', 'only of this operation, which a long session needs')
    .action(async (id: string, options: ReplayOptions, command: Command) => {
      const context = contextOf(command, io)
      const query = { operation: options.operation }
      const answer = await context.call('GET', `/v1/sessions/${segment(id)}`, { query })
      if (options.cast !== undefined) {
        const replay = replayIn(answer)
        writeFileSync(options.cast, castOf(replay))
        for (const step of replay.steps) {
          if (step.type === 'gap') io.err.write(`It is not whole: ${safe(step.message)}\n`)
        }
        context.show({ file: options.cast }, () => `Wrote ${options.cast!}\n`)
        return
      }
      context.show(answer, () => {
        return formatReplay(replayIn(answer))
      })
    })
}

interface ReplayOptions {
  readonly cast?: string
  readonly operation?: string
}

function replayIn(answer: unknown): Replay {
  const { session, events } = read(replaySchema, answer)
  return replayOf({ ...session, startedAt_ms: Date.parse(session.startedAt) }, events)
}

function castOf(replay: Replay): string {
  const terminals = terminalsOf(replay)
  const [terminal] = terminals
  if (terminal !== undefined && terminals.length === 1) {
    return asciicast(terminal, replay.session.startedAt_ms)
  }
  const which = terminals.map((one) => one.operation).join(', ')
  throw new ChaperoneError(
    'REQUEST_INVALID',
    terminal === undefined ? 'No terminal was recorded there.' : 'There are several terminals.',
    terminal === undefined ? {} : { hint: `Choose one with --operation: ${which}.` },
  )
}

function endCommand(sessions: Command, io: Io): void {
  sessions
    .command('end <id>')
    .description('end a live session at once')
    .action(async (id: string, _options, command: Command) => {
      const context = contextOf(command, io)
      const answer = await context.call('POST', `/v1/sessions/${segment(id)}/end`)
      context.show(answer, () => `Ended ${safe(id)}\n`)
    })
}

function searchCommand(program: Command, io: Io): void {
  program
    .command('search <query...>')
    .description('search the records: agent:etl-1 action:sql.delete "free text"')
    .option('--after <mark>', 'go on after a page')
    .option('--limit <count>', 'how many at most')
    .action(
      async (
        words: readonly string[],
        options: { after?: string; limit?: string },
        command: Command,
      ) => {
        const context = contextOf(command, io)
        const query = { ...options, q: words.join(' ') }
        const answer = await context.call('GET', '/v1/search', { query })
        context.show(answer, () => {
          const page = read(pageOf(eventSchema), answer)
          io.err.write(moreHint(page.next))
          return page.items.map(eventLine).join('')
        })
      },
    )
}

function countsOf({ counts }: Session): string {
  const rows = counts.rows === undefined ? '' : `; ${counts.rows} rows`
  return `${counts.operations}, ${counts.denied} denied, ${counts.held} held${rows}`
}

function stateOf(session: Session): string {
  if (session.live) return 'live'
  return session.code === undefined ? 'ended' : `ended: ${session.code}`
}
