/** One way around a rule, as data. */
export interface BypassCase {
  readonly trick: string
  /** `METHOD /path?query`, below the resource. */
  readonly line: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Of one kind; the target must see none of them, and what refuses them is one of these codes. */
export interface Area {
  readonly codes: readonly string[]
  readonly cases: readonly BypassCase[]
}

export const NO_RULE = ['POLICY_NO_MATCH', 'POLICY_DENIED']
export const UNREAD = [
  'PROTOCOL_VIOLATION',
  'PROTOCOL_UNSUPPORTED',
  'REQUEST_UNSUPPORTED',
  'MESSAGE_TOO_LARGE',
]

/** `METHOD /path` by the trick's name. */
export function lines(list: Readonly<Record<string, string>>): BypassCase[] {
  return Object.entries(list).map(([trick, line]) => ({ trick, line }))
}
