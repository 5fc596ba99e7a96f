import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { ChaperoneError } from '../core/errors.ts'
import { read } from './answer.ts'
import { contextOf } from './context.ts'
import type { Io } from './io.ts'

interface TokenOptions {
  readonly tokenFile?: string
  readonly resource?: string
  readonly type: string
}

/** Token types of RFC 8693 section 3, and the gateway's own for tickets. */
const ISSUED_TYPES: Readonly<Record<string, string>> = {
  ticket: 'urn:chaperone:token-type:ticket',
  token: 'urn:ietf:params:oauth:token-type:access_token',
}

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.number() })

/** `token`: an agent's own token in, a ticket or gateway token out, and nothing else on stdout. */
export function tokenCommand(program: Command, io: Io): void {
  program
    .command('token')
    .description("exchange an agent's token for a session ticket, and print only that")
    .option('--token-file <file>', 'where the token is; - reads standard input')
    .option('--resource <name>', 'make it good for this resource alone')
    .option('--type <type>', 'ticket (short, for passwords) or token (a JWT)', 'ticket')
    .addHelpText(
      'after',
      '\nWithout --token-file the token comes from CHAPERONE_AGENT_TOKEN.' +
        '\nExample: PGPASSWORD=$(chaperone token --token-file token.jwt) psql …',
    )
    .action(async (options: TokenOptions, command: Command) => {
      const type = ISSUED_TYPES[options.type]
      if (type === undefined) throw usage('--type must be ticket or token.')
      const context = contextOf(command, io)
      const answer = await context.api().call('POST', '/v1/token', {
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: await subjectToken(options.tokenFile, io),
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          requested_token_type: type,
          ...(options.resource === undefined ? {} : { resource: options.resource }),
        },
      })
      context.show(answer, () => `${read(answerSchema, answer).access_token}\n`)
    })
}

async function subjectToken(file: string | undefined, io: Io): Promise<string> {
  const text = (await tokenText(file, io)).trim()
  if (text === '') throw usage('There is no token to exchange.')
  // A token is one word; a line end inside it means that the file holds something else.
  if (/\s/.test(text)) throw usage('What was given is not one token.')
  return text
}

async function tokenText(file: string | undefined, io: Io): Promise<string> {
  if (file === '-') return io.readInput()
  if (file === undefined) return io.environment['CHAPERONE_AGENT_TOKEN'] ?? ''
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'The token file cannot be read.', {
      cause: error,
      place: { file },
    })
  }
}

function usage(message: string): ChaperoneError {
  return new ChaperoneError('REQUEST_INVALID', message, {
    hint: 'Give --token-file FILE, --token-file - with standard input, or CHAPERONE_AGENT_TOKEN.',
  })
}
