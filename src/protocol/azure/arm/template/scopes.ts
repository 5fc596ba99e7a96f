import type { ObjectPath } from '../../../../core/object.ts'
import type { ScopeFunction } from './functions.ts'
import { callsIn, isScopeFunction, PLAIN_SCOPE_FIELDS } from './functions.ts'

/** What an expression takes of the group, the subscription, … that it is deployed to. */
export interface ScopeRead {
  readonly action: string
  readonly object: ObjectPath
  /** Empty for all of it. */
  readonly field: readonly string[]
}

/** `[resourceGroup().tags.owner]`; fields that only say where something is deployed are no reads. */
export function scopeReadsIn(expression: string, scope: ObjectPath): readonly ScopeRead[] {
  return callsIn(expression).flatMap(({ name, at }) => {
    if (!isScopeFunction(name)) return []
    const [, path = ''] = FIELDS.exec(expression.slice(at, at + FIELD_CHARS_MAX)) ?? []
    const field = path.split('.').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]))
    if (PLAIN_SCOPE_FIELDS[name].has(field[0]?.toLowerCase() ?? '')) return []
    return [{ ...READS[name](scope), field }]
  })
}

/** The end of the call, and fields that are plainly written. */
const FIELDS = /^\s*\)((?:\s*\.\s*[A-Za-z_]\w*)*)/
const FIELD_CHARS_MAX = 512

const READS: Readonly<Record<ScopeFunction, (scope: ObjectPath) => Omit<ScopeRead, 'field'>>> = {
  resourcegroup: (scope) => ({
    action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
    object: scope.slice(0, 4),
  }),
  subscription: (scope) => ({
    action: 'Microsoft.Resources/subscriptions/read',
    object: scope.slice(0, 2),
  }),
  managementgroup: (scope) => ({
    action: 'Microsoft.Management/managementGroups/read',
    object: scope,
  }),
  tenant: () => ({ action: 'Microsoft.Resources/tenants/read', object: ['tenants'] }),
}
