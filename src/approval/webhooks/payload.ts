import type { ApprovalView } from '../view.ts'

export type WebhookEvent = 'approval.requested' | 'approval.settled'

export interface PayloadOptions {
  /** Send the statement's text too. Parameters never go out: they are values, often personal ones. */
  readonly includeText: boolean
  /** Where people answer: `https://chaperone.example/approvals`; the id is added. */
  readonly link: string
}

/** The body of one webhook (Standard Webhooks, "Payload structure"): type, timestamp, data. */
export function webhookPayload(
  type: WebhookEvent,
  approval: ApprovalView,
  options: PayloadOptions,
  now_ms: number,
): string {
  return JSON.stringify({
    type,
    timestamp: time(now_ms),
    data: { ...requestData(approval, options), ...settledData(type, approval) },
  })
}

function requestData(approval: ApprovalView, { includeText, link }: PayloadOptions) {
  const { request } = approval
  return {
    id: approval.id,
    state: approval.state,
    link: `${link.replace(/(?<!\/)\/+$/, '')}/${encodeURIComponent(approval.id)}`,
    requestedAt: time(approval.requestedAt_ms),
    expiresAt: time(approval.expiresAt_ms),
    agent: { name: request.agent.name, owner: request.agent.owner, purpose: request.agent.purpose },
    resource: { name: request.resource.name, type: request.resource.type },
    kind: request.kind,
    accesses: request.accesses.map(({ action, object }) => ({ action, object })),
    rules: request.reasons
      .filter(({ effect }) => effect === 'hold')
      .map(({ policy, rule }) => ({ policy, rule })),
    asked: approval.asked,
    digest: request.digest,
    ...(request.estimatedRows === undefined ? {} : { estimatedRows: request.estimatedRows }),
    ...(includeText ? { text: request.text, hiddenCharacters: approval.hiddenCharacters } : {}),
  }
}

/** Reasons stay behind the link: people write into them what a chat channel should not hold. */
function settledData(type: WebhookEvent, approval: ApprovalView) {
  if (type === 'approval.requested') return {}
  return {
    ...(approval.settledAt_ms === undefined ? {} : { settledAt: time(approval.settledAt_ms) }),
    answers: approval.answers.map((one) => ({
      person: one.name,
      answer: one.answer,
      at: time(one.at_ms),
    })),
  }
}

function time(at_ms: number): string {
  return new Date(at_ms).toISOString()
}
