import { editJson } from '../../../mask/json-leaves.ts'
import { OBJECT_BYTES_MAX } from '../limits.ts'
import { fieldAt } from '../request/body.ts'
import type { ObjectMasker } from './object-mask.ts'
import { parsed } from './object-mask.ts'

/** Refusals of reads that say what was wrong with a value that is stored. */
const QUOTED: ReadonlySet<number> = new Set([400, 422, 500, 503])

/** Whether the cluster's words may quote an object: of a write, whatever admission has to say. */
export function quotesValues(status: number, isRead: boolean): boolean {
  return isRead ? QUOTED.has(status) : status >= 400
}

/**
 * A masker of answers of which the words of a `Status` are withheld: they may quote what is masked.
 * Reasons stay, and fields without the values by which they name elements of lists.
 */
export function withoutWords(masker: ObjectMasker): ObjectMasker {
  const { redact, withheld } = redactor()
  return {
    mask: (document) => redact(masker.mask(document)),
    maskEvent: (document) => redact(masker.maskEvent(document)),
    maskCollection: (document) => redact(masker.maskCollection(document)),
    maskItem: (item, list) => redact(masker.maskItem(item, list)),
    get masked() {
      return new Set([...masker.masked, ...withheld])
    },
  }
}

/** The same for a watch, of the events that say what went wrong. */
export function withoutWordsOfErrors(masker: ObjectMasker): ObjectMasker {
  const { redact, withheld } = redactor()
  return {
    ...masker,
    maskEvent(document) {
      const event = parsed(document)
      const code = Number(fieldAt(event, 'object', 'code'))
      const shown = masker.maskEvent(document)
      return fieldAt(event, 'type') === 'ERROR' && QUOTED.has(code) ? redact(shown) : shown
    },
    get masked() {
      return new Set([...masker.masked, ...withheld])
    },
  }
}

function redactor() {
  const withheld = new Set<string>()
  const redact = (document: Buffer): Buffer => {
    const editor = editJson(({ path, raw }) => {
      const shown = instead(path.at(-1), raw)
      if (shown !== undefined) withheld.add(path.join('.'))
      return shown
    }, OBJECT_BYTES_MAX)
    return Buffer.concat([editor.write(document), editor.end()])
  }
  return { redact, withheld }
}

function instead(name: string | undefined, raw: string): string | undefined {
  if (name === 'message') return JSON.stringify(WITHHELD)
  // `.spec.hostAliases[ip="10.0.0.1"].hostnames[="db"]`
  if (name !== 'field' || !raw.includes('=')) return undefined
  return JSON.stringify(String(JSON.parse(raw)).split('[')[0])
}

const WITHHELD =
  'The cluster refused it; its words are not shown, since a mask is on this object (MASK_UNPROVABLE).'

/** A warning of the cluster (RFC 7234 section 5.5) in place of one that may quote what is masked. */
export const WITHHELD_WARNING =
  '299 - "A warning of the cluster is not shown, since a mask is on this object."'
