import type { Classified } from '../../sql/classification.ts'
import type { Judgement } from '../../session/governed.ts'
import type { Considered } from './consider.ts'
import { protocolViolation } from './conversation.ts'
import type { Portal, PreparedStatement } from './expectation.ts'
import { FRONTEND } from './frame.ts'
import type { Frontend, Incoming, Step } from './frontend.ts'
import { DONE, tooManyNames } from './frontend.ts'
import { needsFields, withFormats } from './masking.ts'
import type { Target } from './message.ts'
import { describe, FLUSH, readBind, readExecute, readParse, readTarget } from './message.ts'
import { parameterTexts } from './parameters.ts'
import { missing } from './refusal.ts'
import type { Run } from './run.ts'
import { rowLimit } from './run.ts'

/** The extended query messages, beside Sync and Flush. Undefined for any other message. */
export function extendedMessage(frontend: Frontend, incoming: Incoming): Step | undefined {
  switch (incoming.type) {
    case FRONTEND.Parse:
      return parse(frontend, incoming)
    case FRONTEND.Bind:
      return bind(frontend, incoming)
    case FRONTEND.Execute:
      return execute(frontend, incoming)
    case FRONTEND.Describe:
      return describeMessage(frontend, incoming)
    case FRONTEND.Close:
      return close(frontend, incoming)
    default:
      return undefined
  }
}

/** Judged here, so that a denied text never reaches the target; held only when it is bound. */
function parse(frontend: Frontend, { buffer, body, end, bytes }: Incoming): Step {
  const { c, considerer } = frontend
  const { statement, text } = readParse(buffer, body, end)
  const considered = considerer.consider(text)
  if (considered.type !== 'go') return frontend.refuse(considered, false)
  if (c.names.prepared.size >= c.parts.limits.preparedMax) throw tooManyNames()
  const { classified, judgement } = considered
  c.session.trail.intent({
    at_ms: c.now_ms(),
    phase: 'prepare',
    operation: classified.operation,
    text: classified.operation.textWithoutSecrets ?? text,
    verdict: judgement.verdict,
  })
  const { epoch } = c.parts.classifier
  const prepared: PreparedStatement = { text, classified, epoch, fields: undefined }
  const change = c.names.prepared.change(statement, prepared, c.batch)
  c.forward(bytes, { type: 'parse', change }, true)
  c.batchOpen = true
  if (mustKnowFields(classified, judgement)) {
    askForFields(frontend, 'statement', statement, prepared)
  }
  return DONE
}

function bind(frontend: Frontend, { buffer, body, end, bytes }: Incoming): Step {
  const { c, gate } = frontend
  const message = readBind(buffer, body, end)
  const prepared = c.names.prepared.look(message.statement, c.batch)
  if (prepared === 'unsettled') return { type: 'wait', ready: () => c.quiet }
  if (prepared === undefined) return refuseMissing(frontend, 'statement', message.statement)
  const considered = reconsider(frontend, prepared)
  if (considered.type !== 'go') return frontend.refuse(considered, false)
  const permit = gate.permit({
    ...considered,
    text: prepared.text,
    parameters: parameterTexts(message),
    bytes: [Buffer.from(prepared.text), bytes],
  })
  if (permit.type !== 'go') return frontend.refuse(permit, false)
  const portal: Portal = {
    run: permit.run,
    statement: prepared,
    resultFormats: message.resultFormats,
    fields: withFormats(prepared.fields, message.resultFormats),
  }
  const change = c.names.portals.change(message.portal, portal, c.batch)
  c.forward(bytes, { type: 'bind', change, run: permit.run }, true)
  c.batchOpen = true
  const { classified, judgement } = considered
  if (portal.fields === undefined && mustKnowFields(classified, judgement)) {
    askForFields(frontend, 'portal', message.portal, portal)
  }
  return DONE
}

/** Policies and catalog may have changed since Parse. */
function reconsider({ c, considerer }: Frontend, prepared: PreparedStatement): Considered {
  const { epoch } = c.parts.classifier
  if (prepared.epoch === epoch) return considerer.judge(prepared.classified, prepared.text)
  const considered = considerer.consider(prepared.text)
  if (considered.type === 'go') {
    prepared.classified = considered.classified
    prepared.epoch = epoch
  }
  return considered
}

function execute(frontend: Frontend, { buffer, body, end, bytes }: Incoming): Step {
  const { c } = frontend
  const { portal: name } = readExecute(buffer, body, end)
  const portal = c.names.portals.look(name, c.batch)
  if (portal === 'unsettled') return { type: 'wait', ready: () => c.quiet }
  if (portal === undefined) return refuseMissing(frontend, 'portal', name)
  const { run } = portal
  c.forward(bytes, { type: 'execute', run, portal })
  c.batchOpen = true
  if (rowLimit(run) !== undefined) frontend.limited = run
  if (!copiesIn(run)) return DONE
  c.forward(FLUSH, undefined)
  return { type: 'done', then: () => c.copyIn || run.over }
}

function copiesIn(run: Run): boolean {
  return run.statements[0]?.copy?.direction === 'in'
}

function describeMessage(frontend: Frontend, { buffer, body, end, bytes }: Incoming): Step {
  const { c } = frontend
  const { kind, name } = named(readTarget(buffer, body, end))
  const subject = (kind === 'statement' ? c.names.prepared : c.names.portals).look(name, c.batch)
  if (subject === 'unsettled') return { type: 'wait', ready: () => c.quiet }
  if (subject === undefined && !c.names.cursors.has(name))
    return refuseMissing(frontend, kind, name)
  c.forward(bytes, { type: 'describe', subject, hidden: false })
  c.batchOpen = true
  return DONE
}

function close({ c }: Frontend, { buffer, body, end, bytes }: Incoming): Step {
  const { kind, name } = named(readTarget(buffer, body, end))
  const ofStatement = kind === 'statement'
  c.forward(bytes, {
    type: 'close',
    statement: ofStatement ? c.names.prepared.change(name, undefined, c.batch) : undefined,
    portal: ofStatement ? undefined : c.names.portals.change(name, undefined, c.batch),
  })
  c.batchOpen = true
  return DONE
}

function named(target: Target | undefined): Target {
  if (target === undefined) throw protocolViolation('The message names no statement and no portal.')
  return target
}

/** What the session did not make through the gateway does not exist, whatever the target holds. */
function refuseMissing(frontend: Frontend, kind: Target['kind'], name: string): Step {
  frontend.c.refuse(missing(kind, name), false)
  return DONE
}

function mustKnowFields(classified: Classified, judgement: Judgement): boolean {
  return classified.operation.results[0] !== 'none' && needsFields(judgement)
}

/** An Execute's rows come without a description; the gateway asks for it where it must mask them. */
function askForFields(
  { c }: Frontend,
  kind: Target['kind'],
  name: string,
  subject: PreparedStatement | Portal,
): void {
  c.forward(describe(kind, name), { type: 'describe', subject, hidden: true })
}
