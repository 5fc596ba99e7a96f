import type { RequestHead } from '../../http/head.ts'
import type { RequestInfo, ResourceRequest } from './request-info.ts'
import type { Verb } from './verbs.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Parameters of the API's own, by what they are for ("Kubernetes API Concepts"). */
const ALWAYS = words('pretty timeout timeoutSeconds')
const READING = words('resourceVersion resourceVersionMatch includeObject')
const LISTING = words(`watch allowWatchBookmarks continue limit fieldSelector labelSelector
  sendInitialEvents`)
const WRITING = words('dryRun fieldManager fieldValidation force')
const DELETING = words(`dryRun gracePeriodSeconds orphanDependents propagationPolicy
  ignoreStoreReadErrorWithClusterBreakingPotential`)
const ATTACHED = words('container stdin stdout stderr tty')
const COMMAND = words('command')
const LOG = words(`container follow previous sinceSeconds sinceTime timestamps tailLines limitBytes
  stream`)
const PORTS = words('ports')

const BY_SUBRESOURCE: Readonly<Record<string, readonly ReadonlySet<string>[]>> = {
  exec: [ATTACHED, COMMAND],
  attach: [ATTACHED],
  log: [LOG],
  portforward: [PORTS],
}

/** These are lists: the words of a command, in their order. */
const REPEATED = words('command ports dryRun')

/** To the API server, everything but `false`, `0` and nothing at all is true. */
const SWITCHES = words('stdin stdout stderr tty follow force')
const SWITCH = /^(true|false|1|0)$/

const BY_VERB: Readonly<Record<Verb, readonly ReadonlySet<string>[]>> = {
  get: [READING],
  list: [READING, LISTING],
  watch: [READING, LISTING],
  create: [WRITING],
  update: [WRITING],
  patch: [WRITING],
  delete: [DELETING],
  deletecollection: [DELETING, READING, LISTING],
}

/**
 * What is wrong with the query, in words: a parameter that is not known here could change what the
 * request means, and one that stands twice means one thing to one reader and another to the next.
 */
export function queryProblem(
  { parameters, query }: RequestHead,
  info: RequestInfo,
  verb: Verb | undefined,
): string | undefined {
  if (query.includes(';')) return 'has a semicolon in its query'
  const known = info.type === 'resource' ? knownFor(info, verb!) : undefined
  const seen = new Set<string>()
  for (const [name, value] of parameters) {
    if (known !== undefined && !known.some((some) => some.has(name))) {
      return `has the parameter "${name}", which is not known here`
    }
    if (seen.has(name) && !REPEATED.has(name)) return `has the parameter "${name}" twice`
    seen.add(name)
    if (known !== undefined && SWITCHES.has(name) && !SWITCH.test(value)) {
      return `has a "${name}" that is neither true nor false`
    }
  }
  return undefined
}

/** Undefined: anything goes, since it is for whoever is behind a proxy. */
function knownFor(
  { subresource }: ResourceRequest,
  verb: Verb,
): readonly ReadonlySet<string>[] | undefined {
  if (subresource === 'proxy') return undefined
  const own = subresource === undefined ? undefined : BY_SUBRESOURCE[subresource]
  return [ALWAYS, ...(own ?? BY_VERB[verb])]
}
