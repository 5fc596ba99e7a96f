import type { Denial } from '../../../core/denial.ts'
import { noMemory } from '../../../session/shares.ts'
import type { Classified } from '../../../sql/classification.ts'
import { weightOf } from '../../../sql/weight.ts'
import { functionCall } from '../judging/call.ts'
import { needsFields } from '../judging/mask-plan.ts'
import type { Run } from '../judging/run.ts'
import { endsTransaction, rowLimit, runsCode } from '../judging/run.ts'
import { FRONTEND } from '../messages/frame.ts'
import { query as queryOf, readQuery } from '../messages/message.ts'
import type { Incoming, MessageContext, Step } from './step.ts'
import { DONE } from './step.ts'

/** Query and FunctionCall: each is a batch of its own. Undefined for any other message. */
export function simpleMessage(context: MessageContext, incoming: Incoming): Step | undefined {
  if (incoming.type === FRONTEND.Query) return query(context, incoming)
  if (incoming.type === FRONTEND.FunctionCall) return call(context, incoming)
  return undefined
}

function query(context: MessageContext, { buffer, body, end, bytes }: Incoming): Step {
  const { c, considerer, gate } = context
  const text = readQuery(buffer, body, end)
  const considered = considerer.consider(text)
  if (considered.type !== 'go') return context.refuse(considered, true)
  const { classified } = considered
  if (keepsNames(classified) && !context.hasRoom(weightOf(classified))) {
    const { operation } = classified
    return context.refuse(considerer.deny(operation, text, noMemory('The statement')), true)
  }
  const mayRunCode =
    runsCode(classified) || (c.names.endsWithCode && endsTransaction(classified.operation))
  const unready = mayRunCode ? context.openings.remember() : undefined
  if (unready !== undefined) return context.refuse(unready, true)
  const permit = gate.permit({ ...considered, text, bytes: [bytes] })
  if (permit.type !== 'go') return context.refuse(permit, true)
  const { run } = permit
  const statement = c.names.prepared.change('', undefined, c.batch)
  const portal = c.names.portals.change('', undefined, c.batch)
  const { forwardedText } = considered.classified
  const forwarded = forwardedText === undefined ? bytes : queryOf(forwardedText)
  c.forward(forwarded, { type: 'query', run, statement, portal, fields: undefined }, true)
  c.nextBatch()
  return afterQuery(context, run)
}

/** PREPARE and DECLARE, which stay when they are answered. */
function keepsNames({ statements }: Classified): boolean {
  return statements.some(({ effects }) =>
    effects.some(({ type }) => type === 'prepare' || type === 'declare'),
  )
}

/** What may not be overtaken: COPY from the client, and an answer that may be cut at a row limit. */
function afterQuery({ c }: MessageContext, run: Run): Step {
  const copies = run.statements.some((statement) => statement.copy?.direction === 'in')
  if (copies) return { type: 'done', ready: () => c.copyIn || run.over }
  if (rowLimit(run) !== undefined)
    return { type: 'done', ready: () => c.quiet && !c.cancels.underWay }
  return DONE
}

function call(context: MessageContext, { buffer, body, end, bytes }: Incoming): Step {
  const { c, considerer, gate } = context
  const { classified, text } = functionCall(buffer, body, end, c.parts.database)
  const judged = considerer.judge(classified, text)
  const considered =
    judged.type === 'go' && needsFields(judged.judgement)
      ? considerer.deny(classified.operation, text, UNMASKABLE)
      : judged
  if (considered.type !== 'go') return context.refuse(considered, true)
  const unready = context.openings.remember()
  if (unready !== undefined) return context.refuse(unready, true)
  const permit = gate.permit({ ...considered, text, bytes: [bytes] })
  if (permit.type !== 'go') return context.refuse(permit, true)
  c.forward(bytes, { type: 'call', run: permit.run }, true)
  c.nextBatch()
  return DONE
}

const UNMASKABLE: Denial = {
  code: 'MASK_UNPROVABLE',
  message: 'The answer of a function that is called by number cannot be masked.',
  hint: 'Call it in a SELECT.',
}
