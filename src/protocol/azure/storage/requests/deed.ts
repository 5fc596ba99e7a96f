import type { ObjectPath } from '../../../../core/object.ts'
import type { Access, Copy } from '../../../../core/operation.ts'
import type { StorageCall } from './call.ts'

/** What one request does: an operation of the API, and what it touches. */
export interface Deed {
  /** The API's own name: `GetBlob`. */
  readonly kind: string
  readonly accesses: readonly Access[]
  readonly predicates: readonly ObjectPath[]
  readonly copies: readonly Copy[]
  readonly readOnly: boolean
  /** What the answer holds, for masks and links. */
  readonly answer: AnswerKind
  /** What is read, without what lies around it: the object that masks speak of. */
  readonly object: ObjectPath
  /** The request goes on with exactly these segments. */
  readonly call: StorageCall
  /** Headers that take another value on the way; a copy's source names the target's host. */
  readonly set: readonly (readonly [name: string, value: string])[]
}

/** `none`: no data of the account's. */
export type AnswerKind = 'none' | 'listing' | 'blob' | 'search' | 'messages' | 'entities' | 'batch'

/**
 * Whether it changes something and its answer may show what there is then. Taking messages is a way to read
 * them, which a rule of its own gives.
 */
export function echoes({ readOnly, answer }: Deed): boolean {
  return !readOnly && answer !== 'messages'
}

const STORAGE = 'Microsoft.Storage/storageAccounts'

/** Data actions by their place below `Microsoft.Storage/storageAccounts`, as in Azure's roles. */
function storageAction(name: string): string {
  return `${STORAGE}/${name}`
}

export function storageAccess(name: string, object: ObjectPath): Access {
  return { action: storageAction(name), object, grant: 'required' }
}

/** Actions that change nothing. */
export function isReadOnly(accesses: readonly Access[]): boolean {
  return accesses.every(({ action }) => READS.test(action))
}

const READS = /\/(?:read|getInfo\/action|getAcl\/action|filter\/action)$/
