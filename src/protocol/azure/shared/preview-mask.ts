import type { ObjectPath } from '../../../core/object.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { Judgement } from '../../../session/governed.ts'
import { NOT_SHOWN } from '../../http/shown.ts'
import type { Json } from '../json.ts'
import { isList, isObject } from '../json.ts'
import { typeOf } from '../scope.ts'
import { isSecretField } from '../shown/arm-places.ts'
import { masksElsewhere } from './due-masks.ts'

/**
 * A value of the target's as people may see it who are asked about a write: what they see is kept and sent
 * on, so it has the masks of the agent that wrote. `object` is undefined where the thing is not told.
 */
export type ShowValue = (
  object: ObjectPath | undefined,
  path: readonly string[],
  value: Json,
) => Json

/** Whether a field is a secret by the schema of its thing. */
export type IsSecret = (object: ObjectPath | undefined, path: readonly string[]) => boolean

/** Secrets of resources, by their types. */
export const isResourceSecret: IsSecret = (object = [], path) =>
  isSecretField(typeOf(object), object.at(-1), path)

export function showUnder(
  judgement: Judgement,
  keys: MaskKeys,
  isSecret: IsSecret = () => false,
): ShowValue {
  const { verdict } = judgement
  const own = verdict.effect === 'deny' ? [] : verdict.obligations.masks
  const masks = [...own, ...masksElsewhere(judgement)]
  const columns = masks.filter((mask) => mask.type === 'columns')
  const detect = masks.filter((mask) => mask.type === 'detect')
  const search = createTextMasker(detect, 'text', keys)

  function show(object: ObjectPath | undefined, path: readonly string[], value: Json): Json {
    if (isList(value)) return value.map((one) => show(object, path, one))
    if (isObject(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, show(object, [...path, name], one)]),
      )
    }
    if (value === null) return null
    if (isSecret(object, path)) return NOT_SHOWN
    const isCovered = columns.some((mask) =>
      object === undefined ? mask.reaches?.(path) !== false : mask.covers([...object, ...path]),
    )
    if (isCovered) return MASKED
    return typeof value === 'string' ? search(value) : value
  }

  return show
}

const MASKED = '[redacted]'
