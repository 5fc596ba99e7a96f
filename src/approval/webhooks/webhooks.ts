import { Webhook } from 'standardwebhooks'
import type { Clock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import { WEBHOOK_RETRY_MS, WEBHOOK_SECRET_BYTES_MIN, WEBHOOK_TIMEOUT_MS } from '../limits.ts'
import type { ApprovalNotifier } from '../notify.ts'
import type { ApprovalView } from '../view.ts'
import type { WebhookEvent } from './payload.ts'
import { webhookPayload } from './payload.ts'
import type { DeliveryJob } from './queue.ts'
import { createDeliveryQueue } from './queue.ts'

export interface WebhookReceiver {
  readonly url: string
  /** `whsec_` and base64, or base64 alone, of 24 bytes or more. */
  readonly secret: string
  readonly includeText: boolean
}

export interface WebhookParts {
  readonly receivers: readonly WebhookReceiver[]
  /** Where people answer; see PayloadOptions. */
  readonly link: string
  readonly clock: Clock
  readonly log: Log
  /** `dropped`: too many were waiting. */
  readonly count?: (result: 'delivered' | 'failed' | 'dropped') => void
  readonly retry_ms?: readonly number[]
  readonly timeout_ms?: number
}

export interface Webhooks extends ApprovalNotifier {
  /** Tries what waits once, and no more; resolves when that has ended. */
  close(): Promise<void>
}

/**
 * Tells the configured receivers of requests and their ends, signed by the Standard Webhooks scheme
 * (`webhook-id`, `webhook-timestamp`, `webhook-signature`; HMAC-SHA-256). Failures are logged and
 * counted, and hold up nothing. Redirects are not followed: the signature vouches for one address.
 * Throws CONFIG_INVALID for a secret that is no key.
 */
export function createWebhooks(parts: WebhookParts): Webhooks {
  const senders = parts.receivers.map((receiver) => createSender(receiver, parts))
  const tell = (type: WebhookEvent, approval: ApprovalView) => {
    const id = `msg_${newId(parts.clock.now_ms())}`
    for (const sender of senders) sender.send(id, type, approval)
  }
  return {
    requested: (approval) => tell('approval.requested', approval),
    settled: (approval) => tell('approval.settled', approval),
    async close() {
      await Promise.all(senders.map((sender) => sender.close()))
    },
  }
}

function createSender(receiver: WebhookReceiver, parts: WebhookParts) {
  const { clock, log, count } = parts
  const signer = createSigner(receiver.secret)
  const queue = createDeliveryQueue(parts.retry_ms ?? WEBHOOK_RETRY_MS)
  // Many receivers' paths are secrets in themselves, so logs name the origin alone.
  const { origin } = new URL(receiver.url)

  function job(id: string, payload: string): DeliveryJob {
    return {
      async attempt() {
        const at_ms = clock.now_ms()
        const result = await post(receiver.url, parts.timeout_ms ?? WEBHOOK_TIMEOUT_MS, payload, {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at_ms / 1000)),
          'webhook-signature': signer.sign(id, new Date(at_ms), payload),
        })
        if (result === 'done') count?.('delivered')
        else log.warn('webhook.attempt-failed', { origin, message: id, why: result.why })
        return result === 'done' ? 'done' : result.next
      },
      failed() {
        count?.('failed')
        log.error('webhook.failed', { origin, message: id })
      },
    }
  }

  return {
    send(id: string, type: WebhookEvent, approval: ApprovalView): void {
      const options = { includeText: receiver.includeText, link: parts.link }
      const payload = webhookPayload(type, approval, options, clock.now_ms())
      if (queue.add(job(id, payload))) return
      count?.('dropped')
      log.error('webhook.dropped', { origin, message: id })
    },
    close: () => queue.close(),
  }
}

function createSigner(secret: string): Webhook {
  const base64 = secret.replace(/^whsec_/, '')
  const bytes = Buffer.from(base64, 'base64')
  const exact =
    bytes.toString('base64').replace(/(?<!=)=+$/, '') === base64.replace(/(?<!=)=+$/, '')
  if (!exact || bytes.length < WEBHOOK_SECRET_BYTES_MIN) {
    throw new ChaperoneError('CONFIG_INVALID', 'A webhook secret is not a key in base64.', {
      hint: `Use "whsec_" and the base64 of ${WEBHOOK_SECRET_BYTES_MIN} to 64 random bytes.`,
      place: { field: 'approvals.webhooks' },
    })
  }
  return new Webhook(bytes.toString('base64'))
}

type Failure = { readonly next: 'retry' | 'give-up'; readonly why: string }

async function post(
  url: string,
  timeout_ms: number,
  body: string,
  signature: Readonly<Record<string, string>>,
): Promise<'done' | Failure> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...signature, 'content-type': 'application/json', 'user-agent': 'chaperone' },
      body,
      signal: AbortSignal.timeout(timeout_ms),
    })
    await response.body?.cancel()
    if (response.ok) return 'done'
    // 410: the receiver is gone for good (Standard Webhooks, "Deliverability").
    const next = response.status === 410 ? 'give-up' : 'retry'
    return { next, why: `status ${response.status}` }
  } catch (error) {
    return { next: 'retry', why: error instanceof Error ? error.name : 'unknown' }
  }
}
