import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ChaperoneError } from '../../core/errors.ts'
import { read } from '../common/answer.ts'
import type { Context } from '../common/context.ts'
import type { Io } from '../common/io.ts'

export interface Wanted {
  /** Where the agent's own token is; `-` is standard input. Without it, CHAPERONE_AGENT_TOKEN. */
  readonly tokenFile?: string
  /** Good for this resource alone. */
  readonly resource?: string
  readonly type: string
}

/** Token types of RFC 8693 section 3, and the gateway's own for tickets. */
const ISSUED_TYPES: Readonly<Record<string, string>> = {
  ticket: 'urn:chaperone:token-type:ticket',
  token: 'urn:ietf:params:oauth:token-type:access_token',
}

const answerSchema = z.looseObject({ access_token: z.string().min(1), expires_in: z.number() })

export type Exchanged = z.output<typeof answerSchema>

/** The agent's own token in, a ticket or gateway token out (RFC 8693). */
export async function exchangeToken(wanted: Wanted, context: Context): Promise<Exchanged> {
  const type = ISSUED_TYPES[wanted.type]
  if (type === undefined) throw usage('--type must be ticket or token.')
  const answer = await context.api().call('POST', '/v1/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await subjectToken(wanted.tokenFile, context.io),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: type,
      ...(wanted.resource === undefined ? {} : { resource: wanted.resource }),
    },
  })
  return read(answerSchema, answer)
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
