import { createHmac } from 'node:crypto'
import type { ColumnMask, MaskRule } from '../../core/verdict.ts'
import { createTextMasker } from '../../mask/mask-text.ts'
import type { MaskKeys } from '../../mask/maskers.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isList, isObject } from './strict-json.ts'

/**
 * What records and approvers see of a request. Rules judge its exact text: what an agent could have
 * hidden, by what it calls things, nobody could have judged.
 */
export interface Shown {
  readonly text: string
  /** How many values of the request are not in the text; rules read it as `op.hidden`. */
  readonly hidden: number
}

/** A value of a body as it is shown; `path` are the fields that it lies in, lists have none. */
export type ShowLeaf = (path: readonly string[], value: Leaf) => Json
type Leaf = string | number | boolean

export const NOT_SHOWN = '(not shown)'

/** Fields that hold secrets, of objects of one body. */
export type SecretFields = ReadonlyMap<JsonObject, ReadonlySet<string>>
const NONE: SecretFields = new Map()

/** The body leaf by leaf, and how many of them are shown otherwise than they are. */
export function showBody(body: Json, show: ShowLeaf, secrets: SecretFields = NONE): ShownBody {
  let hidden = 0
  const path: string[] = []
  const visit = (value: Json, isSecret: boolean): Json => {
    if (value === null) return null
    if (isList(value)) return value.map((one) => visit(one, isSecret))
    if (!isObject(value)) {
      const shown = isSecret ? NOT_SHOWN : show(path, value)
      if (shown !== value) hidden++
      return shown
    }
    const fields = secrets.get(value)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => {
        path.push(name)
        const shown = visit(one, isSecret || fields?.has(name) === true)
        path.pop()
        return [name, shown] as const
      }),
    )
  }
  return { value: visit(body, false), hidden }
}

export interface ShownBody {
  readonly value: Json
  readonly hidden: number
}

/** What masks in force hide of what an agent writes, as they would of what it reads. */
export function showUnderMasks(
  masks: readonly MaskRule[],
  keys: MaskKeys,
  covers: (mask: ColumnMask, path: readonly string[]) => boolean,
): ShowLeaf {
  const columns = masks.filter((mask): mask is ColumnMask => mask.type === 'columns')
  const detect = masks.filter((mask) => mask.type === 'detect')
  const search = createTextMasker(detect, 'text', keys)
  return (path, value) => {
    if (columns.some((mask) => covers(mask, path))) return NOT_SHOWN
    return typeof value === 'string' && detect.length > 0 ? (search(value) ?? NOT_SHOWN) : value
  }
}

/**
 * Says that there is more, and binds the record to it. With a key: a plain digest would tell a short
 * secret to whoever tries them all.
 */
export function hiddenLine(hidden: number, body: Uint8Array | string, keys: MaskKeys): string {
  const what = hidden === 1 ? '1 value is not shown' : `${hidden} values are not shown`
  const digest = createHmac('sha256', keys.hashKey).update('shown\0').update(body).digest('hex')
  return `${what}; hmac-sha256 of the body ${digest}`
}
