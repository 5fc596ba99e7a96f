import type { ObjectPath } from '../../../core/object.ts'
import { ALL_NAMES } from '../../../core/object.ts'
import type { MaskRule } from '../../../core/verdict.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { ShowLeaf, ShownBody } from '../../http/shown.ts'
import { NOT_SHOWN, showBody, showUnderMasks } from '../../http/shown.ts'
import type { Json } from '../../http/strict-json.ts'
import { textAt } from './body.ts'
import { touching } from './due-masks.ts'
import { pathsOf } from './json-patch.ts'
import type { Asked } from './operation.ts'
import { objectOf, resourceName } from './operation.ts'
import { otherNames } from './other-names.ts'

type Path = readonly string[]

/**
 * Fields that hold secrets by the API's own schema, whatever is in them. What a body calls itself, or
 * what its author calls a variable, says nothing: the path of the request says what it is of.
 */
const SECRET_PLACES: Readonly<Record<string, readonly Path[]>> = {
  secrets: [['data'], ['stringData']],
  'tokenreviews.authentication.k8s.io': [['spec', 'token']],
}

/** An annotation that holds a copy of the whole object. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function isSecretPlace(resource: string, path: Path): boolean {
  const places = SECRET_PLACES[resource] ?? []
  return (
    places.some((place) => place.every((name, at) => path[at] === name)) ||
    (places.length > 0 && path.at(-1) === APPLIED)
  )
}

/** What was sent, as records and approvers see it: an object, a merge patch of one, or a JSON patch. */
export function showSent(
  body: Json,
  asked: Asked,
  masks: readonly MaskRule[],
  keys: MaskKeys,
): ShownBody {
  const show = showField(asked, masks, keys)
  if (!Array.isArray(body)) return showBody(body, show)
  const changes = (body as readonly Json[]).map((change) => {
    // A pointer that two readers may read differently is of both.
    const places = pathsOf([], textAt(change, 'path'))
    return showBody(change, ([name, ...path], value) => {
      if (name !== 'value') return value
      return places.reduce<Json>(
        (shown, place) => (shown === value ? show([...place, ...path], value) : shown),
        value,
      )
    })
  })
  return {
    value: changes.map(({ value }) => value),
    hidden: changes.reduce((sum, { hidden }) => sum + hidden, 0),
  }
}

/** An object that the cluster tells, for people; masks have been on it. */
export function showStored(object: Json, asked: Asked): Json {
  const resource = resourceName(asked.info)
  return showBody(object, (path, value) => (isSecretPlace(resource, path) ? NOT_SHOWN : value))
    .value
}

function showField(asked: Asked, masks: readonly MaskRule[], keys: MaskKeys): ShowLeaf {
  const resource = resourceName(asked.info)
  const object = fullObject(asked)
  const due = touching(masks, [object, ...otherNames(object)])
  const hidesFields = due.some(({ type }) => type === 'columns')
  const masked = showUnderMasks(due, keys, (mask, path) => {
    const whole = [...object, ...path]
    return mask.covers(whole) || otherNames(whole).some((other) => mask.covers(other))
  })
  return (path, value) => {
    if (isSecretPlace(resource, path)) return NOT_SHOWN
    return hidesFields && path.at(-1) === APPLIED ? NOT_SHOWN : masked(path, value)
  }
}

/** Something that gets its name from the cluster may be any. */
function fullObject(asked: Asked): ObjectPath {
  const object = objectOf(asked)
  return object.length < 3 ? [...object, ALL_NAMES] : object
}
