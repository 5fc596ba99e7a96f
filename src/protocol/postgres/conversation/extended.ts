import { isDeepStrictEqual } from 'node:util'
import type { Denial } from '../../../core/denial.ts'
import type { Judgement } from '../../../session/governed.ts'
import { stands } from '../../../session/hold.ts'
import { noMemory } from '../../../session/shares.ts'
import type { Classified } from '../../../sql/classification.ts'
import { isCommand } from '../../../sql/classification.ts'
import { weightOf } from '../../../sql/weight.ts'
import { needsFields, withFormats } from '../judging/mask-plan.ts'
import type { Run } from '../judging/run.ts'
import { endsTransaction, rowLimit, runsCode } from '../judging/run.ts'
import { FRONTEND } from '../messages/frame.ts'
import type { Target } from '../messages/message.ts'
import {
  describe,
  FLUSH,
  parse as parseOf,
  readBind,
  readExecute,
  readParse,
  readTarget,
} from '../messages/message.ts'
import { parameterTexts } from '../messages/parameters.ts'
import { missing, protocolViolation, tooManyNames } from '../messages/refusal.ts'
import type { Considered } from './consider.ts'
import type { Portal, PreparedStatement } from './expectation.ts'
import type { Incoming, MessageContext, Step } from './step.ts'
import { DONE } from './step.ts'

/** The extended query messages, beside Sync and Flush. Undefined for any other message. */
export function extendedMessage(context: MessageContext, incoming: Incoming): Step | undefined {
  switch (incoming.type) {
    case FRONTEND.Parse:
      return parse(context, incoming)
    case FRONTEND.Bind:
      return bind(context, incoming)
    case FRONTEND.Execute:
      return execute(context, incoming)
    case FRONTEND.Describe:
      return describeMessage(context, incoming)
    case FRONTEND.Close:
      return close(context, incoming)
    default:
      return undefined
  }
}

/** Judged here, so that a denied text never reaches the target; held only when it is bound. */
function parse(context: MessageContext, { buffer, body, end, bytes }: Incoming): Step {
  const { c, considerer } = context
  const { statement, text, parameterTypes } = readParse(buffer, body, end)
  const considered = considerer.consider(text)
  if (considered.type !== 'go') return context.refuse(considered, false)
  if (c.names.prepared.size >= c.parts.limits.preparedMax) throw tooManyNames()
  const { classified, judgement } = considered
  const weight = 2 * text.length + 8 * parameterTypes.length + weightOf(classified)
  if (!context.hasRoom(weight)) {
    const { operation } = classified
    return context.refuse(considerer.deny(operation, text, noMemory('The statement')), false)
  }
  c.session.trail.intent({
    at_ms: c.now_ms(),
    phase: 'prepare',
    operation: classified.operation,
    text: classified.operation.textWithoutSecrets ?? text,
    verdict: judgement.verdict,
  })
  const { epoch } = c.parts.classifier
  const prepared: PreparedStatement = {
    text,
    madeBy: { type: 'parse', text: classified.forwardedText ?? text, parameterTypes },
    suspect: false,
    restoring: undefined,
    classified,
    epoch,
    fields: undefined,
    weight,
  }
  const change = c.names.prepared.change(statement, prepared, c.batch)
  const { forwardedText } = classified
  const forwarded =
    forwardedText === undefined ? bytes : parseOf(statement, forwardedText, parameterTypes)
  c.forward(forwarded, { type: 'parse', change }, true)
  c.batchOpen = true
  if (mustKnowFields(classified, judgement)) {
    askForFields(context, 'statement', statement, prepared)
  }
  return DONE
}

function bind(context: MessageContext, { buffer, body, end, bytes }: Incoming): Step {
  const { c, considerer, gate } = context
  const message = readBind(buffer, body, end)
  const prepared = c.names.prepared.look(message.statement, c.batch)
  if (prepared === 'unsettled') return untilSettled(context, 'statement', message.statement)
  if (prepared === undefined) return refuseMissing(context, 'statement', message.statement)
  if (c.names.portals.size >= c.parts.limits.preparedMax) throw tooManyNames()
  const suspect = considerer.restore(message.statement, prepared)
  if (suspect !== undefined) return context.refuse(suspect, false)
  const considered = reconsider(context, prepared)
  if (considered.type !== 'go') return context.refuse(considered, false)
  const permit = gate.permit({
    ...considered,
    text: prepared.text,
    parameters: parameterTexts(message),
    bytes: [prepared.text, bytes],
  })
  if (permit.type !== 'go') return context.refuse(permit, false)
  const portal: Portal = {
    run: permit.run,
    classified: considered.classified,
    text: prepared.text,
    resultFormats: message.resultFormats,
    fields: withFormats(prepared.fields, message.resultFormats),
    at: undefined,
    suspect: false,
    scope: c.parts.classifier.scope,
    asked: false,
    begun: false,
  }
  const change = c.names.portals.change(message.portal, portal, c.batch)
  c.forward(bytes, { type: 'bind', change, run: permit.run }, true)
  c.batchOpen = true
  askForPortal(context, message.portal, portal, considered)
  return DONE
}

/** Policies and catalog may have changed since Parse. */
function reconsider({ c, considerer }: MessageContext, prepared: PreparedStatement): Considered {
  const epoch = c.parts.classifier.refreshed()
  if (prepared.epoch === epoch && !isCommand(prepared.classified)) {
    return considerer.judge(prepared.classified, prepared.text)
  }
  const considered = considerer.consider(prepared.text)
  if (considered.type === 'go') {
    prepared.classified = considered.classified
    prepared.epoch = epoch
  }
  return considered
}

function execute(context: MessageContext, { buffer, body, end, bytes }: Incoming): Step {
  const { c } = context
  const { portal: name } = readExecute(buffer, body, end)
  const portal = c.names.portals.look(name, c.batch)
  if (portal === 'unsettled') return untilSettled(context, 'portal', name)
  if (portal === undefined) return refuseMissing(context, 'portal', name)
  const suspect = context.openings.verify(portal)
  if (suspect !== undefined) return context.refuse(suspect, false)
  if (c.names.portals.look(name, c.batch) !== portal) return refuseMissing(context, 'portal', name)
  const endsWithCode = c.names.endsWithCode && endsTransaction(portal.run.operation)
  if (endsWithCode || runsCode(portal.run)) {
    const unready = context.openings.remember()
    if (unready !== undefined) return context.refuse(unready, false)
  }
  const late = readLate(context, portal)
  if (late !== undefined && late.type !== 'go') return context.refuse(late, false)
  const considered = renew(context, portal)
  if (considered.type !== 'go') return context.refuse(considered, false)
  const { run } = portal
  askForPortal(context, name, portal, considered)
  c.forward(bytes, { type: 'execute', run, portal })
  c.batchOpen = true
  if (rowLimit(run) !== undefined) context.limited = run
  if (!copiesIn(run)) return DONE
  c.forward(FLUSH, undefined)
  return { type: 'done', ready: () => c.copyIn || run.over }
}

/**
 * What the target reads only when it runs the portal must still be what was judged, and approved,
 * when it was bound. Undefined: the target has read it.
 */
function readLate({ considerer }: MessageContext, portal: Portal): Considered | undefined {
  const { classified, begun, text } = portal
  if (begun || !isCommand(classified)) return undefined
  const considered = considerer.consider(text)
  if (considered.type !== 'go') return considered
  if (isDeepStrictEqual(considered.classified, classified)) return undefined
  return considerer.deny(classified.operation, text, MEANS_OTHER)
}

const MEANS_OTHER: Denial = {
  code: 'SQL_UNRESOLVED',
  message: 'Since it was bound, names in the statement have come to stand for something else.',
  hint: 'Bind it again.',
}

/** A portal that stays open meets the policies as they are now, not as they were when it was bound. */
function renew({ c, considerer }: MessageContext, { run, text, classified }: Portal): Considered {
  const { verdict } = run.judgement
  if (verdict.policyVersion === c.session.policyVersion) {
    return { type: 'go', classified, judgement: run.judgement, runs: [] }
  }
  const considered = considerer.judge(classified, text)
  if (considered.type !== 'go') return considered
  const now = considered.judgement.verdict
  if (now.effect === 'hold' && !stands(verdict, now)) {
    return considerer.deny(classified.operation, text, HELD_BY_NOW)
  }
  run.judgement = considered.judgement
  return considered
}

const HELD_BY_NOW: Denial = {
  code: 'POLICY_DENIED',
  message: 'The policies have changed: what the portal reads must be approved by now.',
  hint: 'Bind it again, which asks for approval.',
}

function copiesIn(run: Run): boolean {
  return run.statements[0]?.copy?.direction === 'in'
}

function describeMessage(context: MessageContext, { buffer, body, end, bytes }: Incoming): Step {
  const { c } = context
  const { kind, name } = named(readTarget(buffer, body, end))
  const subject = (kind === 'statement' ? c.names.prepared : c.names.portals).look(name, c.batch)
  if (subject === 'unsettled') return untilSettled(context, kind, name)
  if (subject === undefined && !c.names.cursors.has(name)) return refuseMissing(context, kind, name)
  if (subject !== undefined && !('run' in subject)) {
    const suspect = context.considerer.restore(name, subject)
    if (suspect !== undefined) return context.refuse(suspect, false)
  }
  c.forward(bytes, { type: 'describe', subject, hidden: false })
  c.batchOpen = true
  return DONE
}

function close({ c }: MessageContext, { buffer, body, end, bytes }: Incoming): Step {
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

/** Comes when the batch that changes the name is answered, which its Sync has asked for. */
function untilSettled({ c }: MessageContext, kind: Target['kind'], name: string): Step {
  const names = kind === 'statement' ? c.names.prepared : c.names.portals
  return { type: 'wait', ready: () => names.look(name, c.batch) !== 'unsettled' }
}

/** What the session did not make through the gateway does not exist, whatever the target holds. */
function refuseMissing(context: MessageContext, kind: Target['kind'], name: string): Step {
  context.c.refuse(missing(kind, name), false)
  return DONE
}

function mustKnowFields(classified: Classified, judgement: Judgement): boolean {
  return classified.operation.results[0] !== 'none' && needsFields(judgement)
}

function askForPortal(
  context: MessageContext,
  name: string,
  portal: Portal,
  { classified, judgement }: { classified: Classified; judgement: Judgement },
): void {
  if (portal.fields !== undefined || portal.asked) return
  if (!mustKnowFields(classified, judgement)) return
  portal.asked = true
  askForFields(context, 'portal', name, portal)
}

/** An Execute's rows come without a description; the gateway asks for it where it must mask them. */
function askForFields(
  { c }: MessageContext,
  kind: Target['kind'],
  name: string,
  subject: PreparedStatement | Portal,
): void {
  c.forward(describe(kind, name), { type: 'describe', subject, hidden: true })
}
