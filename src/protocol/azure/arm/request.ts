import type { Access, Copy } from '../../../core/operation.ts'
import type { ColumnMask } from '../../../core/verdict.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { Asker, Reading } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import type { Json } from '../json.ts'
import type { ArmOperation } from '../operation-name.ts'
import { denial, notGiven, unsupported } from '../refusals.ts'
import type { ArmPath } from '../resource-path.ts'
import { readArmPath } from '../resource-path.ts'
import { conditionsOf } from '../shared/conditions.ts'
import type { GivenLink, LinkStore } from '../shared/links.ts'
import type { AzureNote } from '../shared/note.ts'
import { operationOf, predicatesOf } from '../shared/operation.ts'
import type { AzureOptions } from '../shared/options.ts'
import { isContinued, isPolling, pollAccess } from '../shared/polling.ts'
import { headProblem, targetOf } from '../shared/request-head.ts'
import type { BodyParts } from '../shared/request-text.ts'
import { requestText, requestTexts } from '../shared/request-text.ts'
import { readWhole } from '../shared/whole-body.ts'
import type { Kind } from '../shown/secret-fields.ts'
import { secretsOfDeployment, secretsOfResource } from '../shown/secret-fields.ts'
import { readBatch } from './batch.ts'
import { needsBody, readBody } from './body.ts'
import { accessesOf } from './operations/accesses.ts'
import { armOperation } from './operations/operation.ts'
import { accessesOfQuery } from './query.ts'
import { strictJson } from './template/json-with-comments.ts'

/** Reads a request to Resource Manager. */
export function readArm(
  head: RequestHead,
  body: Buffer | undefined,
  asker: Asker,
  { links, subscriptions, keys }: Pick<AzureOptions, 'links' | 'subscriptions' | 'keys'>,
): Reading<AzureNote> {
  const reading = readAny(head, body, asker, links, keys)
  if (reading.type !== 'request' || subscriptions === undefined) return reading
  const other = reading.request.operation.accesses.find(({ object: [type, id] }) => {
    return type === 'subscriptions' && id !== undefined && !subscriptions.includes(id)
  })
  if (other === undefined) return reading
  return refused(
    denial(
      'RESOURCE_NOT_GRANTED',
      'The request names a subscription that this resource is not for.',
      'Name a subscription that the gateway is configured for.',
    ),
  )
}

function readAny(
  head: RequestHead,
  body: Buffer | undefined,
  asker: Asker,
  links: LinkStore,
  keys: MaskKeys,
): Reading<AzureNote> {
  const problem = headProblem(head) ?? pathProblem(head)
  if (problem !== undefined) return { type: 'refused', denial: problem }
  const followed = links.find(asker, targetOf(head))
  const isBatch = head.segments.length === 1 && head.segments[0]!.toLowerCase() === 'batch'
  if (isBatch) return readWhole(head, body, (value) => readBatch(head, value, one))
  return one(head, body)

  /** One request: the whole, or a part of a batch. */
  function one(part: RequestHead, bytes: Buffer | undefined): Reading<AzureNote> {
    const odd = part === head ? undefined : pathProblem(part)
    if (odd !== undefined) return refused(odd)
    const path = readArmPath(part.segments)
    if (typeof path === 'string') return refused(unsupported(`cannot be read: ${path}`))
    if (isPolling(part, path)) return poll(part, path, followed)
    if (isContinued(part) && followed === undefined) return refused(notGiven())
    const operation = armOperation(part.method, path)
    if (operation === undefined) return refused(unsupported(`has the method ${part.method}`))
    if (part.bodyLength === 0 || part.method === 'GET' || part.method === 'HEAD') {
      if (needsBody(operation)) return refused(unsupported('has no body'))
      const asked = [...accessesOf(operation), ...accessesOfQuery(part, operation)]
      return request(part, path, operation, asked, keys)
    }
    const form = takesTemplate(operation.action) && bytes !== undefined ? strictBytes(bytes) : bytes
    if (typeof form === 'string') return refused(unsupported(`cannot be read: ${form}`))
    return readWhole(part, form, (value, whole) => {
      const { accesses, copies } = readBody(operation, value)
      const all = [...accessesOf(operation), ...accessesOfQuery(part, operation), ...accesses]
      const isRewritten = bytes !== undefined && !whole.equals(bytes)
      return request(part, path, operation, all, keys, { value, bytes: whole, isRewritten, copies })
    })
  }
}

function poll(
  head: RequestHead,
  path: ArmPath,
  followed: GivenLink | undefined,
): Reading<AzureNote> {
  if (followed === undefined) return refused(notGiven())
  const target = targetOf(head)
  const mixed = [path.object, ...followed.objects]
  const note = { target, object: path.object, mixed, list: false, reads: true, followed }
  const operation = operationOf(head, 'POLL', [pollAccess(path.object)])
  return { type: 'request', request: { operation, text: requestText(head), note } }
}

function request(
  head: RequestHead,
  path: ArmPath,
  armOperation: ArmOperation,
  accesses: readonly Access[],
  keys: MaskKeys,
  body?: { value: Json; bytes: Buffer; isRewritten: boolean; copies: readonly Copy[] },
): Reading<AzureNote> {
  const { object, action } = armOperation
  const { copies = [] } = body ?? {}
  const operation = {
    ...operationOf(head, action, accesses, 1, predicatesOf(head, object)),
    ...(copies.length === 0 ? {} : { copies }),
  }
  const note: AzureNote = {
    target: targetOf(head),
    object,
    list: path.endsWithType && armOperation.effect === 'read',
    reads: armOperation.effect === 'read',
    ...(SHOWS_OTHERS.test(action) ? { mixed: [object] } : {}),
    renames: QUERIES.test(action),
    operation: armOperation,
    conditions: conditionsOf(head.headers),
    ...(body === undefined ? {} : { body: body.value }),
    ...(body?.isRewritten === true ? { rewritten: body.bytes } : {}),
  }
  const texts = requestTexts(head, body, { ...bodyOf(armOperation), keys })
  return { type: 'request', request: { operation, ...texts, note } }
}

/** What is secret in a body, and what masks call its fields. */
function bodyOf({ action, object }: ArmOperation): Omit<BodyParts, 'keys'> {
  if (takesTemplate(action)) {
    return { secrets: secretsOfDeployment, covers: coversInTemplate }
  }
  return {
    secrets: (body) => secretsOfResource(body, kindOf(action, object)),
    covers: (mask, path) => mask.touches?.(object) !== false && mask.covers([...object, ...path]),
  }
}

/** Without its verb, which for an action is no type. */
function kindOf(action: string, object: readonly string[]): Kind {
  return { type: action.replace(/\/[^/]+(?:\/action)?$/, ''), name: object.at(-1) }
}

/** Of things whose place expressions tell, by the end of the path from the innermost of them on. */
function coversInTemplate(mask: ColumnMask, path: readonly string[]): boolean {
  const inner = path.findLastIndex((name) => name.toLowerCase() === 'resources')
  return mask.reaches?.(path.slice(inner + 1)) !== false
}

/** The Azure CLI sends templates with comments, in a form that is not quite JSON. */
function takesTemplate(action: string): boolean {
  return /^microsoft\.resources\/deployment(s|stacks)\/(write|whatif\/action|validate\/action)$/i.test(
    action,
  )
}

function strictBytes(bytes: Buffer): Buffer | string {
  const strict = strictJson(bytes)
  return typeof strict === 'string' ? strict : Buffer.from(strict.text)
}

/** Their answers hold other things with their fields, somewhere inside. */
const SHOWS_OTHERS =
  /\/(exporttemplate|whatif)\/action$|^microsoft\.resources\/(deploymentstackswhatifresults|deployments\/operations)\/read$/i

/** Languages in which a field can be read under another name. */
const QUERIES =
  /^microsoft\.(resources\/changes|resourcegraph\/resource(s|shistory|changes|changedetails)|insights\/eventtypes\/.*|operationalinsights\/.*(query|search)|costmanagement\/.*(query|forecast)|insights\/.*query|kusto\/.*query|securityinsights\/.*query|policyinsights\/.*queryresults)\/(action|read)$/i

function refused<N>(because: ReturnType<typeof denial>): Reading<N> {
  return { type: 'refused', denial: because }
}

/** After decoding once: what a second decoding, or another reader of names, would take apart. */
const ODD = /[%?#\\]|^\.+$|[. ]$/

function pathProblem({ segments, parameters }: RequestHead): ReturnType<typeof denial> | undefined {
  if (segments.some((segment) => segment === '' || ODD.test(segment))) {
    return unsupported('has a path that two readers may understand differently')
  }
  const versions = parameters.filter(([name]) => name.toLowerCase() === 'api-version')
  const [version] = versions
  if (version === undefined) {
    return unsupported('has no api-version', 'Send ?api-version=… as every SDK does.')
  }
  return /^\d{4}-\d{2}-\d{2}[a-z0-9.-]*$/i.test(version[1])
    ? undefined
    : unsupported('has an api-version that is no date')
}
