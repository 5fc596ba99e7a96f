import type { Code } from '../../core/codes.ts'
import { CODES } from '../../core/codes.ts'
import type { Denial } from '../../core/denial.ts'
import type { ChaperoneError } from '../../core/errors.ts'
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
