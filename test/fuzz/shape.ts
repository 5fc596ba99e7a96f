import { parseSync } from 'libpg-query'

/** The parse tree without places and without the values of constants; undefined for a bad text. */
export function shape(text: string): string | undefined {
  try {
    return JSON.stringify(parseSync(text), (key, value: unknown) => {
      if (
        /^(location|stmt_len|stmt_location|version|.*_location|rexpr_list_(start|end))$/.test(key)
      )
        return undefined
      return key === 'A_Const' ? constantKind(value as Record<string, unknown>) : value
    })
  } catch {
    return undefined
  }
}

function constantKind(constant: Record<string, unknown>): string {
  return ['sval', 'ival', 'fval', 'boolval', 'bsval'].find((kind) => kind in constant) ?? 'null'
}
