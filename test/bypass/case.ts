/** What a case may come to, and nothing else. */
export type Expected =
  /** The last step is refused with this code, and never reached the target. */
  | { readonly denied: string | readonly string[] }
  /** The last step waits for a human. */
  | 'held'
  /** It runs (or the target refuses it), and no canary shows anywhere. */
  | 'masked'
  /** It runs, and its rows are not touched. */
  | 'allowed'

export interface BypassCase {
  /** The trick. */
  readonly name: string
  /** The agent's policy: see bench.ts. */
  readonly policy?: PolicyName
  /** SQL, run in order on one connection; the outcome is that of the last. */
  readonly steps: readonly string[]
  readonly mode?: 'simple' | 'extended' | 'binary'
  /** What the last step's parameters are; only extended. */
  readonly values?: readonly unknown[]
  readonly expect: Expected
  /** Why the answer may differ with the values: its rows' number or order tells, or ids are new. */
  readonly differs?: string
}

export type PolicyName = 'reader' | 'strict' | 'writer'

/** Cases that only differ in their SQL. */
export function masked(
  cases: Readonly<Record<string, string | readonly string[]>>,
  rest: Partial<BypassCase> = {},
): BypassCase[] {
  return family(cases, { expect: 'masked', ...rest })
}

export function denied(
  code: string | readonly string[],
  cases: Readonly<Record<string, string | readonly string[]>>,
  rest: Partial<BypassCase> = {},
): BypassCase[] {
  return family(cases, { expect: { denied: code }, ...rest })
}

export function allowed(
  cases: Readonly<Record<string, string | readonly string[]>>,
  rest: Partial<BypassCase> = {},
): BypassCase[] {
  return family(cases, { expect: 'allowed', ...rest })
}

function family(
  cases: Readonly<Record<string, string | readonly string[]>>,
  rest: Partial<BypassCase> & Pick<BypassCase, 'expect'>,
): BypassCase[] {
  return Object.entries(cases).map(([name, steps]) => ({
    name,
    steps: typeof steps === 'string' ? [steps] : steps,
    ...rest,
  }))
}
