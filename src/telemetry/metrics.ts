import type { Registry } from 'prom-client'
import type { Code } from '../core/codes.ts'
import type { Instruments } from './instruments.ts'
import { createInstruments, createRegistry } from './instruments.ts'

/** What is measured. Labels are resources, protocols and codes: never agents, texts or addresses. */
export interface Metrics {
  /** Resolves the labels once; keep the result for the length of a session. */
  session(resource: string, protocol: string): SessionMetrics
  signInRefused(code: Code): void
  recordWritten(seconds: number): void
  /** The event loop stood, over what. */
  loopBlocked(cause: string, seconds: number): void
  /** Whether writing records fails now. */
  recordFault(failing: boolean): void
  /** What is held in memory for peers, asked for when metrics are. */
  memoryHeld(of: 'agents' | 'strangers', bytes: () => number): void
  /** The state file was new beside old records. */
  stateLost(at_ms: number): void
  policyLoaded(version: string, at_ms: number): void
  policyReloadFailed(at_ms: number): void
  readonly exposition: Exposition
}

/** One session's counters. Every method is a plain addition. */
export interface SessionMetrics {
  opened(): void
  /** `refused` never was open; the others were. */
  closed(outcome: 'closed' | 'refused' | 'lost' | 'ended'): void
  operation(effect: 'allow' | 'hold' | 'deny'): void
  operationDone(seconds: number): void
  /** An operation begins (+1) or stops (-1) to wait for a human. */
  holds(change: 1 | -1): void
  bytes(fromClient: number, fromTarget: number): void
}

export interface Exposition {
  readonly contentType: string
  text(): Promise<string>
}

/** A registry of its own: no two gateways in one process share numbers. */
export function createMetrics(options: { readonly processMetrics: boolean }): Metrics {
  const registry = createRegistry(options)
  const instruments = createInstruments(registry)
  return {
    session: sessionMetrics(instruments),
    ...gatewayMetrics(instruments),
    exposition: {
      contentType: registry.contentType,
      text: () => everything(registry, instruments),
    },
  }
}

async function everything(registry: Registry, instruments: Instruments): Promise<string> {
  const { operationSeconds, recordSeconds, loopSeconds } = instruments
  const histograms = [operationSeconds, recordSeconds, loopSeconds].map((one) => one.text())
  return [await registry.metrics(), ...histograms].join('\n')
}

function sessionMetrics(instruments: Instruments): Metrics['session'] {
  const made = new Map<string, SessionMetrics>()
  return (resource, protocol) => {
    const key = `${protocol} ${resource}`
    const known = made.get(key)
    if (known !== undefined) return known
    const fresh = resolveLabels(instruments, { resource, protocol })
    made.set(key, fresh)
    return fresh
  }
}

function resolveLabels(
  instruments: Instruments,
  labels: { readonly resource: string; readonly protocol: string },
): SessionMetrics {
  const open = instruments.sessionsOpen.labels(labels)
  open.set(0)
  const outcome = (name: string) => instruments.sessions.labels({ ...labels, outcome: name })
  const outcomes = {
    closed: outcome('closed'),
    refused: outcome('refused'),
    lost: outcome('lost'),
    ended: outcome('ended'),
  }
  const verdict = (name: string) => instruments.operations.series({ ...labels, verdict: name })
  const verdicts = { allow: verdict('allow'), hold: verdict('hold'), deny: verdict('deny') }
  const seconds = instruments.operationSeconds.series(labels)
  const waiting = instruments.holds.labels(labels)
  waiting.set(0)
  const clientBytes = instruments.bytes.series({ ...labels, from: 'client' })
  const targetBytes = instruments.bytes.series({ ...labels, from: 'target' })
  return {
    opened: () => open.inc(),
    closed(how) {
      if (how !== 'refused') open.dec()
      outcomes[how].inc()
    },
    operation: (effect) => verdicts[effect](1),
    operationDone: (value) => seconds.observe(value),
    holds: (change) => waiting.inc(change),
    bytes(fromClient, fromTarget) {
      if (fromClient > 0) clientBytes(fromClient)
      if (fromTarget > 0) targetBytes(fromTarget)
    },
  }
}

function gatewayMetrics(instruments: Instruments) {
  const recordSeconds = instruments.recordSeconds.series({})
  const held = new Map<string, () => number>()
  const tellHeld = () => {
    for (const [of, bytes] of held) instruments.memoryHeld.set({ of }, bytes())
  }
  return {
    signInRefused: (code: Code) => instruments.signInsRefused.inc({ code }),
    recordWritten: (seconds: number) => recordSeconds.observe(seconds),
    loopBlocked: (cause: string, seconds: number) =>
      instruments.loopSeconds.series({ cause }).observe(seconds),
    recordFault: (failing: boolean) => instruments.recordFault.set(failing ? 1 : 0),
    memoryHeld(of: 'agents' | 'strangers', bytes: () => number) {
      held.set(of, bytes)
      Object.assign(instruments.memoryHeld, { collect: tellHeld })
    },
    stateLost: (at_ms: number) => instruments.stateLost.set(at_ms / 1000),
    policyLoaded(version: string, at_ms: number) {
      instruments.policyInfo.reset()
      instruments.policyInfo.set({ version }, 1)
      instruments.policyLoaded.set(at_ms / 1000)
      instruments.policyFailed.set(0)
    },
    policyReloadFailed: (at_ms: number) => instruments.policyFailed.set(at_ms / 1000),
  }
}
