import { createHash } from 'node:crypto'
import type { ObjectPath } from '../../../core/object.ts'
import { ALL_NAMES } from '../../../core/object.ts'
import type { Access, Operation } from '../../../core/operation.ts'
import type { RequestHead } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import type { PatchReads } from './json-patch.ts'
import type { NonResourceRequest, ResourceRequest } from './request-info.ts'
import { picksByLabel } from './selectors.ts'
import type { Verb } from './verbs.ts'
import { READS } from './verbs.ts'

/** Where a namespace would stand, of what has none. */
export const CLUSTER = '_cluster'

/** What a request asks for, in words of policies. */
export interface Asked {
  readonly info: ResourceRequest
  readonly verb: Verb
  /** From the body, where the path has none. */
  readonly name?: string
  /** It is about every namespace at once. */
  readonly spansNamespaces: boolean
}

/** Subresources that show the object or a part of it, and nothing else. */
export const VIEWS: ReadonlySet<string> = new Set([
  'status',
  'scale',
  'ephemeralcontainers',
  'resize',
  'approval',
])

/** Those over which anything may come, and those that make something else: no views of the object. */
const NO_VIEWS: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'portforward',
  'log',
  'proxy',
  'token',
])

/** What they do to the object by another name. */
const CREATED: Readonly<Record<string, Verb>> = { eviction: 'delete', binding: 'update' }

/** Whoever changes an object by its subresource changes it: what denies or holds that counts. */
function changes({ info: { subresource }, verb }: Asked, object: ObjectPath): readonly Access[] {
  if (subresource === undefined || NO_VIEWS.has(subresource) || READS.has(verb)) return []
  const change = verb === 'create' ? CREATED[subresource] : verb
  return change === undefined ? [] : [{ action: `k8s.${change}`, object, grant: 'implied' }]
}

/** `deployments.apps`; resources of the core group by their name alone. */
export function resourceName({ resource, group }: ResourceRequest): string {
  return group === '' ? resource : `${resource}.${group}`
}

/** `namespace/resource/name`; without a name for what is listed or created, or deleted at once. */
export function objectOf({ info, name, spansNamespaces }: Asked): ObjectPath {
  const namespace = info.namespace ?? (spansNamespaces ? ALL_NAMES : CLUSTER)
  const known = info.subresource === 'proxy' ? proxied(info.name) : (info.name ?? name)
  return [namespace, resourceName(info), ...(known === undefined ? [] : [known])]
}

/** `web` of `https:web:443`: a proxy is told its scheme and port beside the name. */
function proxied(name: string | undefined): string | undefined {
  const parts = name?.split(':') ?? []
  return parts.length === 3 ? parts[1] : parts.length === 2 ? parts[0] : name
}

/** `k8s.get`; a subresource that does more than show a part is an action of its own. */
function actionOf({ info, verb }: Asked): string {
  const { resource, subresource } = info
  if (subresource === undefined) return `k8s.${verb}`
  if (verb === 'get' && VIEWS.has(subresource)) return 'k8s.get'
  return `k8s.${resource}.${subresource}`
}

const RBAC = 'rbac.authorization.k8s.io'
const ROLES: ReadonlySet<string> = new Set(['roles', 'clusterroles'])
const BINDINGS: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings'])

/** What the cluster itself has verbs for, since it gives away more than it says. */
function escalation({ info, verb }: Asked): string | undefined {
  if (info.group !== RBAC || READS.has(verb) || verb.startsWith('delete')) return undefined
  if (ROLES.has(info.resource)) return 'k8s.escalate'
  return BINDINGS.has(info.resource) ? 'k8s.bind' : undefined
}

/** A namespace goes with all that is in it. */
function emptied({ info, verb }: Asked): readonly Access[] {
  const isWhole = info.resource === 'namespaces' && info.group === '' && verb === 'delete'
  if (!isWhole || info.subresource !== undefined) return []
  return [{ action: 'k8s.deletecollection', object: [info.name!], grant: 'required' }]
}

/** Kinds of which an update makes what is not there. */
const MADE_BY_UPDATE: ReadonlySet<string> = new Set(
  `services endpoints events events.events.k8s.io limitranges leases.coordination.k8s.io
  leasecandidates.coordination.k8s.io runtimeclasses.node.k8s.io roles.${RBAC} clusterroles.${RBAC}
  rolebindings.${RBAC} clusterrolebindings.${RBAC}`.split(/\s+/),
)

/** What is applied, or updated of some kinds, is made where it is not there: denials of `create` count. */
function makes(head: RequestHead, { info, verb }: Asked): boolean {
  if (info.subresource !== undefined) return false
  if (verb === 'update') return MADE_BY_UPDATE.has(resourceName(info))
  return (
    verb === 'patch' &&
    /^application\/apply-patch\+/i.test(headerOf(head.headers, 'content-type') ?? '')
  )
}

/** A write that asks is a reading, too: what rules say of readings, and their masks, counts for it. */
function asking({ info, verb }: Asked, object: ObjectPath): readonly Access[] {
  if (READS.has(verb)) return []
  const action = info.name === undefined ? 'k8s.list' : 'k8s.get'
  return [{ action, object, grant: 'implied' }]
}

/** Who one is and what one may do: nothing that the agent could not find out by trying. */
const SELF_REVIEWS: ReadonlySet<string> = new Set([
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
])

export interface Sending {
  /** The cluster will only try it. */
  readonly dryRun: boolean
  /** What its selectors ask about. */
  readonly selected: readonly ObjectPath[]
  /** Of a JSON patch. */
  readonly reads: PatchReads
}

export function operationOf(
  head: RequestHead,
  asked: Asked,
  { dryRun, selected, reads }: Sending,
): Operation {
  const { info, verb } = asked
  const object = objectOf(asked)
  const action = actionOf(asked)
  const { copies, tested, testedWhole } = reads
  const asks = [...selected, ...tested]
  const isSelfReview = verb === 'create' && SELF_REVIEWS.has(resourceName(info))
  const extra = escalation(asked)
  const accesses: Access[] = [
    { action, object, grant: isSelfReview ? 'implied' : 'required' },
    ...(extra === undefined ? [] : [{ action: extra, object, grant: 'required' as const }]),
    ...emptied(asked),
    ...changes(asked, object),
    ...(makes(head, asked) ? [{ action: 'k8s.create', object, grant: 'implied' as const }] : []),
    ...(asks.length + testedWhole.length > 0 ? asking(asked, object) : []),
  ]
  const kind = `${verb} ${resourceName(info)}${info.subresource === undefined ? '' : `/${info.subresource}`}`
  return {
    kind: dryRun ? `${kind} (dry run)` : kind,
    fingerprint: fingerprint(kind, head.parameters.map(([name]) => name).sort()),
    accesses,
    predicates: asks,
    wholePredicates: testedWhole,
    results: [],
    copies,
    facts: {
      statements: 1,
      readOnly: dryRun || readsOnly(asked),
      hasWhere: info.name !== undefined || picksByLabel(head),
    },
  }
}

/** What a stream or a proxy does is not told by its method. */
function readsOnly({ info: { subresource }, verb }: Asked): boolean {
  const shows = subresource === undefined || subresource === 'log' || VIEWS.has(subresource)
  return READS.has(verb) && shows
}

function fingerprint(kind: string, names: readonly string[]): string {
  const alike = JSON.stringify([kind, names])
  return createHash('sha256').update(alike).digest('hex').slice(0, 32)
}

/** What every client asks first, and what tells nothing of what is in the cluster. */
const DISCOVERY =
  /^(api|apis|version|healthz|livez|readyz|openapi|\.well-known\/openid-configuration|openid\/v1\/jwks)(\/|$)/

/** Discovery, health and the like: nothing of it is masked, either. */
export function tellsNothing({ method }: RequestHead, segments: readonly string[]): boolean {
  const reads = method === 'GET' || method === 'HEAD'
  return (reads && DISCOVERY.test(segments.join('/'))) || segments.length === 0
}

export function otherObject(segments: readonly string[]): ObjectPath {
  return [CLUSTER, 'nonresource', ...segments]
}

/** A path that is no resource: discovery, health, metrics. */
export function otherOperation(head: RequestHead, { segments }: NonResourceRequest): Operation {
  const verb = head.method.toLowerCase()
  const reads = verb === 'get' || verb === 'head'
  return {
    kind: `${verb} ${head.path}`,
    fingerprint: fingerprint(`${verb} ${head.path}`, []),
    accesses: [
      {
        action: `k8s.nonresource.${reads ? 'get' : verb}`,
        object: otherObject(segments),
        grant: tellsNothing(head, segments) ? 'implied' : 'required',
      },
    ],
    predicates: [],
    results: [],
    facts: { statements: 1, readOnly: reads, hasWhere: true },
  }
}
