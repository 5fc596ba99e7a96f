import type { RequestHead } from '../../http/head.ts'
import type { Json } from '../../http/strict-json.ts'
import { fieldAt } from './body.ts'
import type { Asked } from './operation.ts'
import { parameter } from './verbs.ts'

/** Subresources of which a dry run is only tried; others do it all the same, or pass it on. */
const TRIED: ReadonlySet<string> = new Set(['status', 'scale', 'eviction', 'ephemeralcontainers'])

/** Of DeleteOptions, in the query. */
const OPTIONS = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']

/** Whether the API server will only try it. `body` is absent where there is none. */
export function isDryRun(
  head: RequestHead,
  { info, verb }: Asked,
  body: Json | undefined,
): boolean {
  const { subresource } = info
  if (subresource !== undefined && !TRIED.has(subresource)) return false
  const deletes = verb === 'delete' || verb === 'deletecollection'
  if (!deletes || body === undefined) return parameter(head, 'dryRun') === 'All'
  const told = fieldAt(body, 'dryRun')
  return Array.isArray(told) && told.length === 1 && told[0] === 'All'
}

/** Options in a body take the place of all in the query, so nobody may have both. */
export function optionsProblem(head: RequestHead, { verb }: Asked): string | undefined {
  if (!verb.startsWith('delete') || head.bodyLength === 0) return undefined
  const both = OPTIONS.find((name) => parameter(head, name) !== undefined)
  return both === undefined ? undefined : `has "${both}" in its query, and options in its body`
}
