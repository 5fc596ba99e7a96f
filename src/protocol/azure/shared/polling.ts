import type { Access } from '../../../core/operation.ts'
import type { RequestHead } from '../../http/head.ts'
import type { ArmPath } from '../resource-path.ts'
import { POLL } from '../words.ts'

const POLLED: ReadonlySet<string> = new Set([
  'operationresults',
  'operationresult',
  'operationstatuses',
  'operationstatus',
  'operationsstatus',
  'asyncoperations',
  'asyncoperationresults',
  'azureasyncoperation',
  'azureasyncoperations',
  'backgroundoperations',
  'deleteoperationresults',
])

/** Whether a path tells how an operation goes that somebody began, or what came of it. */
export function isPolling(
  { method }: RequestHead,
  { types, endsWithType, object }: ArmPath,
): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const small = types.map((type) => type.toLowerCase())
  if (small.some((type) => POLLED.has(type))) return true
  return !endsWithType && small.at(-1) === 'operations' && object.includes('locations')
}

const CONTINUES = /^\$?(skip-?token|continuation-?token|deltatoken|nextlink|nextmarker)$/i

/** Whether a query goes on where another answer ended. */
export function isContinued({ parameters }: RequestHead): boolean {
  return parameters.some(([name]) => CONTINUES.test(name))
}

/** Nothing needs to allow it: the operation was allowed when it began. A deny may still speak of it. */
export function pollAccess(object: readonly string[]): Access {
  return { action: POLL, object, grant: 'implied' }
}
