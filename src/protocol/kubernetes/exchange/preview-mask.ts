import type { MaskKeys } from '../../../mask/maskers.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { ApiRequest } from '../../http/api.ts'
import type { Json } from '../../http/strict-json.ts'
import { createObjectMasker, parsed } from '../masks/object-mask.ts'
import { quotesValues } from '../masks/withheld-words.ts'
import { dueMasks } from '../request/due-masks.ts'
import type { KubernetesNote } from '../request/note.ts'
import { resourceName } from '../request/operation.ts'

/** What a preview may tell: it is kept, and sent to wherever people are asked. */
export interface Shown {
  object(object: Json): Json
  /** The cluster's words in place of an answer; undefined where they may quote what is masked. */
  words(status: number, message: string): string | undefined
}

/** With the masks that the answer of the request would have. */
export function shownIn(
  { note }: ApiRequest<KubernetesNote>,
  judgement: Judgement,
  keys: MaskKeys,
): Shown {
  const { asked } = note
  const masks = dueMasks(note, judgement)
  if (asked === undefined || masks.length === 0) {
    return { object: (object) => object, words: (_status, message) => message }
  }
  const { namespace } = asked.info
  const masker = createObjectMasker({ resource: resourceName(asked.info), namespace, masks, keys })
  const masked = (value: Json): Json => parsed(masker.mask(Buffer.from(JSON.stringify(value))))
  const hides = masks.some((mask) => mask.type === 'columns')
  return {
    object: masked,
    words(status, message) {
      const said = hides && quotesValues(status, false) ? undefined : masked(message)
      return typeof said === 'string' ? said : undefined
    },
  }
}
