import type { RequestHead } from '../../http/head.ts'
import type { ResourceRequest } from './request-info.ts'

export type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export const READS: ReadonlySet<Verb> = new Set(['get', 'list', 'watch'])

const BY_METHOD: Readonly<Record<string, Verb>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** The verb that the cluster's own rules would speak of; in words, what is wrong. */
export function verbOf(head: RequestHead, info: ResourceRequest): { verb: Verb } | string {
  const verb = BY_METHOD[head.method]
  if (verb === undefined) return `has the method ${head.method}`
  const watch = parameter(head, 'watch')
  const watches = watch === 'true' || watch === '1'
  if (watch !== undefined && !watches && watch !== 'false' && watch !== '0') {
    return 'has a "watch" that is neither true nor false'
  }
  if (info.name !== undefined) {
    return watches ? 'watches one object by its path' : { verb }
  }
  if (verb === 'get') return { verb: watches ? 'watch' : 'list' }
  if (watches) return 'watches and writes'
  if (verb === 'delete') return { verb: 'deletecollection' }
  return verb === 'create' ? { verb } : `changes no object in particular`
}

export function parameter({ parameters }: RequestHead, name: string): string | undefined {
  return parameters.find(([one]) => one === name)?.[1]
}

/** Of a parameter that is a list. */
export function valuesOf({ parameters }: RequestHead, name: string): string[] {
  return parameters.filter(([one]) => one === name).map(([, value]) => value)
}
