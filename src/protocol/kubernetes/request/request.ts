import type { Denial } from '../../../core/denial.ts'
import type { Operation } from '../../../core/operation.ts'
import type { MaskRule } from '../../../core/verdict.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { Asker, Reading } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import { readStrictJson } from '../../http/strict-json.ts'
import { BODY_BYTES_MAX } from '../limits.ts'
import { unsupported } from '../refusals.ts'
import { portsAsked, portsProblem } from '../streams/forwarded-ports.ts'
import { bodyProblem, bodyType, isProtobuf, textAt, UNSAID_TYPE } from './body.ts'
import { isCopying } from './copying.ts'
import { isDryRun, optionsProblem } from './dry-run.ts'
import { headerProblem } from './headers.ts'
import { patchReads } from './json-patch.ts'
import { holdsMasks } from './masked-text.ts'
import type { KubernetesNote, Sent } from './note.ts'
import type { Asked } from './operation.ts'
import { objectOf, operationOf, otherObject, otherOperation, tellsNothing } from './operation.ts'
import { queryProblem } from './parameters.ts'
import { readProtobuf } from './protobuf.ts'
import type { ResourceRequest } from './request-info.ts'
import { requestInfo } from './request-info.ts'
import { spansNamespaces } from './scope.ts'
import { selectedFields } from './selectors.ts'
import type { ReadBody } from './text.ts'
import { requestText, shownText } from './text.ts'
import { parameter, valuesOf, verbOf } from './verbs.ts'

/** Reads a request as the API server would, or refuses it. */
export function readKubernetes(
  head: RequestHead,
  body: Buffer | undefined,
  { agent }: Asker,
  keys: MaskKeys,
): Reading<KubernetesNote> {
  const sent = sentBy(head, agent)
  const odd = [headerProblem(head), bodyProblem(head)].find((problem) => problem.length > 0)
  if (odd !== undefined) return refused(unsupported(odd[0]!, odd[1]))
  const info = requestInfo(head.segments)
  if (typeof info === 'string') return refused(unsupported(info))
  if (info.type === 'other') {
    const problem = queryProblem(head, info, undefined)
    if (problem !== undefined) return refused(unsupported(problem))
    const { segments } = info
    const note = tellsNothing(head, segments) ? { sent } : { sent, other: otherObject(segments) }
    const operation = otherOperation(head, info)
    return { type: 'request', request: { operation, text: requestText(head, undefined), note } }
  }
  return readResource(head, body, info, sent, keys)
}

function readResource(
  head: RequestHead,
  body: Buffer | undefined,
  info: ResourceRequest,
  sent: Sent,
  keys: MaskKeys,
): Reading<KubernetesNote> {
  const read = verbOf(head, info)
  if (typeof read === 'string') return refused(unsupported(read))
  const { verb } = read
  const problem =
    queryProblem(head, info, verb) ?? upgradeProblem(head, info) ?? portsProblem(sent.ports)
  if (problem !== undefined) return refused(unsupported(problem))
  const asked: Asked = { info, verb, spansNamespaces: spansNamespaces(info, verb) }
  const twice = optionsProblem(head, asked)
  if (twice !== undefined) return refused(unsupported(twice, 'Put them into the body alone.'))
  if (head.bodyLength === 0) return understood(head, undefined, asked, sent, keys)
  if (body === undefined) return { type: 'body', bytesMax: BODY_BYTES_MAX }
  if (isProtobuf(head)) return readWithProtobuf(head, body, asked, sent, keys)
  const found = readStrictJson(body)
  if (typeof found === 'string') return refused(unsupported(`has a body that ${found}`))
  if (holdsMasks(found.value)) return refused(maskedBody)
  const whole = named(asked, textAt(found.value, 'metadata', 'name'))
  return understood(head, { value: found.value, bytes: body }, whole, sent, keys)
}

function sentBy(head: RequestHead, agent: string): Sent {
  const { method, path, query } = head
  const isTerminal = /^(true|1)$/.test(parameter(head, 'tty') ?? '')
  return {
    agent,
    method,
    path,
    query,
    contentType: bodyType(head) ?? UNSAID_TYPE,
    isDryRun: false,
    isTerminal,
    isArchive: !isTerminal && isCopying(valuesOf(head, 'command')),
    isCut: parameter(head, 'limitBytes') !== undefined,
    ports: portsAsked(valuesOf(head, 'ports')),
  }
}

/** Its kind and name are read; what else is in it, people see by what it would change. */
function readWithProtobuf(
  head: RequestHead,
  body: Buffer,
  asked: Asked,
  sent: Sent,
  keys: MaskKeys,
): Reading<KubernetesNote> {
  const found = readProtobuf(body)
  if (typeof found === 'string') return refused(unsupported(found))
  if (found.holdsMask) return refused(maskedBody)
  const { apiVersion, kind, name } = found
  const value = { apiVersion, kind, metadata: { name }, body: `${body.length} bytes of protobuf` }
  const whole = named(asked, name)
  return understood(head, { value, bytes: body, unread: true }, whole, sent, keys)
}

function understood(
  head: RequestHead,
  body: ReadBody | undefined,
  asked: Asked,
  sent: Sent,
  keys: MaskKeys,
): Reading<KubernetesNote> {
  const dryRun = isDryRun(head, asked, body?.value)
  const object = objectOf(asked)
  const selected = selectedFields(head, object)
  if (typeof selected === 'string') return refused(unsupported(selected))
  const reads = patchReads(object, body?.value)
  if (typeof reads === 'string') return refused(unsupported(reads, 'Send it in parts.'))
  const note = { asked, sent: { ...sent, isDryRun: dryRun } }
  const operation = operationOf(head, asked, { dryRun, selected, reads })
  const text = requestText(head, body)
  if (body === undefined) return { type: 'request', request: { operation, text, note } }
  const request = {
    operation: body.unread === true ? unread(operation) : operation,
    text,
    show: (masks: readonly MaskRule[]) => shownText(head, body, asked, masks, keys),
    note,
  }
  return { type: 'request', request }
}

/** What is created is named in the body alone; an empty name is none there: another is generated. */
function named(asked: Asked, name = ''): Asked {
  const { info, verb } = asked
  if (verb !== 'create' || info.name !== undefined || name === '') return asked
  // The API server reads half of a surrogate pair as U+FFFD.
  return { ...asked, name: name.toWellFormed() }
}

const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])

function upgradeProblem({ upgrade }: RequestHead, { subresource }: ResourceRequest) {
  const streams = subresource !== undefined && STREAMS.has(subresource)
  if (upgrade !== undefined && !streams) return 'changes the protocol where nothing is streamed'
  if (upgrade === undefined && streams) return 'asks for a stream without a WebSocket'
  return undefined
}

function unread(operation: Operation): Operation {
  return { ...operation, facts: { ...operation.facts, unread: true } }
}

function refused(denial: Denial): Reading<KubernetesNote> {
  return { type: 'refused', denial }
}

const maskedBody: Denial = {
  code: 'REQUEST_UNSUPPORTED',
  message: 'The request would write the text of a mask where the value was that it hides.',
  hint: 'Change only what you mean to change, with a patch; masked fields cannot be sent back.',
}
