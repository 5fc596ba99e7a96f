import type { ApprovalOutcome, Held } from '../../../approval/approvals.ts'
import type { Code } from '../../../core/codes.ts'
import { CODES } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import { ChaperoneError } from '../../../core/errors.ts'
import { approvalDenial } from '../../../session/approval-words.ts'
import type { MessageField } from './message.ts'
import { errorResponse, noticeResponse } from './message.ts'

/**
 * A Denial in PostgreSQL's own error form ("Error and Notice Message Fields"): SQLSTATE from the
 * code, the sentence as message, `code=… policy=… rule=…` and the author's words as detail, the way
 * forward as hint.
 */
export function denialResponse(denial: Denial): Buffer {
  return errorResponse(fields('ERROR', denial.code, denial.message, detail(denial), denial.hint))
}

/** Ends the connection, as the server's own FATAL errors do. */
export function fatalResponse(
  error: ChaperoneError | Pick<ChaperoneError, 'code' | 'message' | 'hint'>,
): Buffer {
  return errorResponse(fields('FATAL', error.code, error.message, `code=${error.code}`, error.hint))
}

export function notice(message: string, code: Code, hint?: string): Buffer {
  return noticeResponse(fields('NOTICE', code, message, `code=${code}`, hint, '00000'))
}

function detail(denial: Denial): string {
  const facts = [
    `code=${denial.code}`,
    ...(denial.policy === undefined ? [] : [`policy=${denial.policy}`]),
    ...(denial.rule === undefined ? [] : [`rule=${denial.rule}`]),
  ].join(' ')
  return denial.ruleMessage === undefined ? facts : `${facts}\n${denial.ruleMessage}`
}

function fields(
  severity: 'ERROR' | 'FATAL' | 'NOTICE',
  code: Code,
  message: string,
  detail: string,
  hint: string | undefined,
  sqlstate: string = CODES[code].sqlstate,
): MessageField[] {
  return [
    ['S', severity],
    ['V', severity],
    ['C', sqlstate],
    ['M', message],
    ['D', detail],
    ...(hint === undefined ? [] : [['H', hint] satisfies MessageField]),
    ['R', 'chaperone'],
  ]
}

/** The server's own words for a statement in a failed transaction. */
export function inFailedTransaction(): Buffer {
  return errorResponse([
    ['S', 'ERROR'],
    ['V', 'ERROR'],
    ['C', '25P02'],
    ['M', 'current transaction is aborted, commands ignored until end of transaction block'],
  ])
}

/** A name that the session has not made through the gateway. */
export function missing(kind: 'statement' | 'portal', name: string): Buffer {
  const statement = kind === 'statement'
  return errorResponse([
    ['S', 'ERROR'],
    ['V', 'ERROR'],
    ['C', statement ? '26000' : '34000'],
    ['M', `${statement ? 'prepared statement' : 'portal'} "${name}" does not exist`],
  ])
}

/** Tells the agent that people were asked, while it waits. */
export function holdNotice(held: Held): Buffer {
  return notice(
    `The operation waits for approval ${held.id}; asked: ${held.asked}.`,
    'APPROVAL_PENDING',
    `It is refused at ${new Date(held.expiresAt_ms).toISOString()} if nobody answers; cancel to withdraw it.`,
  )
}

/** What the agent gets when a hold did not end in approval. */
export function approvalRefusal(outcome: ApprovalOutcome | ChaperoneError): {
  readonly code: Code
  readonly response: Buffer
} {
  const denial = approvalDenial(outcome)
  return { code: denial.code, response: denialResponse(denial) }
}

export function protocolViolation(message: string): ChaperoneError {
  return new ChaperoneError('PROTOCOL_VIOLATION', message)
}

/** The target said something that nothing asked for. */
export function targetViolation(type: number): ChaperoneError {
  return new ChaperoneError(
    'TARGET_PROTOCOL',
    `The target sent a message (${JSON.stringify(String.fromCharCode(type))}) out of turn.`,
  )
}

export function tooManyNames(): ChaperoneError {
  return new ChaperoneError(
    'SESSION_LIMIT',
    'The session has too many prepared statements or portals.',
    {
      hint: 'Close or DEALLOCATE what is not used any more.',
    },
  )
}
