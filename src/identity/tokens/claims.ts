import { createHash } from 'node:crypto'
import { CLAIM_LENGTH_MAX, GROUPS_MAX } from './limits.ts'
import type { Claims } from './token.ts'
import { claimMissing } from './token.ts'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A non-empty text without control characters. Throws TOKEN_CLAIM_MISSING. */
export function textClaim(claims: Claims, name: string): string {
  const value = claims[name]
  if (!isCleanText(value)) throw claimMissing(name)
  return value
}

export function optionalText(claims: Claims, name: string): string | undefined {
  const value = claims[name]
  return isCleanText(value) ? value : undefined
}

/** A GUID in lower case. Throws TOKEN_CLAIM_MISSING. */
export function guidClaim(claims: Claims, name: string): string {
  const value = claims[name]
  if (typeof value !== 'string' || !GUID.test(value)) throw claimMissing(name)
  return value.toLowerCase()
}

/**
 * A list of texts at a claim name, or at a path of names. One text is a list of one, an absent claim
 * an empty list; anything else would hide memberships that a deny rule names, so it throws
 * TOKEN_CLAIM_MISSING.
 */
export function textsClaim(claims: Claims, path: string | readonly string[]): string[] {
  const value = valueAt(claims, path)
  if (value === undefined) return []
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > GROUPS_MAX || !list.every(isCleanText)) throw claimMissing(String(path))
  return list
}

function valueAt(claims: Claims, path: string | readonly string[]): unknown {
  let value: unknown = claims
  for (const name of typeof path === 'string' ? [path] : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Claims)[name]
  }
  return value
}

export function valueClaim(claims: Claims, path: string | readonly string[]): string | undefined {
  const value = valueAt(claims, path)
  return isCleanText(value) ? value : undefined
}

/** GUIDs are compared in lower case; identifiers of other providers as they are spelled. */
export function normalId(id: string): string {
  return GUID.test(id) ? id.toLowerCase() : id
}

export function isGuid(id: string): boolean {
  return GUID.test(id)
}

/** The token's own id, or for want of one a digest of it: never enough to use it. */
export function tokenIdOf(text: string, ...ids: (string | undefined)[]): string {
  const id = ids.find((one) => one !== undefined)
  return id ?? `sha256:${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`
}

function isCleanText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= CLAIM_LENGTH_MAX &&
    // oxlint-disable-next-line no-control-regex -- exactly these are refused
    !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)
  )
}
