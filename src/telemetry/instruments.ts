import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { createHistogram } from './histogram.ts'

/** From a tenth of a millisecond, which is what the gateway adds, to what a report takes. */
const OPERATION_SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120]
const BLOCKED_SECONDS = [0.25, 0.5, 1, 2.5, 5, 10]
const WRITE_SECONDS = [0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 1]

export function createRegistry(options: { readonly processMetrics: boolean }): Registry {
  const registry = new Registry()
  if (options.processMetrics) collectDefaultMetrics({ register: registry })
  return registry
}

export type Instruments = ReturnType<typeof createInstruments>

/** Every time series that the gateway has; docs/configuration.md lists them. */
export function createInstruments(registry: Registry) {
  const make = makers(registry)
  const target = ['resource', 'protocol']
  return {
    sessionsOpen: make.gauge('sessions_open', 'Sessions open now.', target),
    sessions: make.counter('sessions_total', 'Sessions that ended, by how.', [
      ...target,
      'outcome',
    ]),
    operations: tallied(
      make.counter('operations_total', 'Operations, by verdict.', [...target, 'verdict']),
    ),
    operationSeconds: createHistogram(
      'chaperone_operation_duration_seconds',
      'From receipt of an operation to the end of its answer.',
      OPERATION_SECONDS,
    ),
    holds: make.gauge('holds_waiting', 'Operations that wait for a human now.', target),
    bytes: tallied(make.counter('bytes_total', 'Bytes received.', [...target, 'from'])),
    signInsRefused: make.counter('sign_ins_refused_total', 'Refused sign-ins, by code.', ['code']),
    recordSeconds: createHistogram(
      'chaperone_record_write_seconds',
      'A write of records.',
      WRITE_SECONDS,
    ),
    loopSeconds: createHistogram(
      'chaperone_loop_blocked_seconds',
      'Nobody was served for so long, by what was being worked on.',
      BLOCKED_SECONDS,
    ),
    recordFault: make.gauge('record_fault', '1 while records cannot be written.', []),
    stateLost: make.gauge(
      'state_lost_timestamp_seconds',
      'When the gateway started with a new state file beside old records; else 0.',
      [],
    ),
    memoryHeld: make.gauge('memory_held_bytes', 'Held for peers now, of the bounds in limits.', [
      'of',
    ]),
    policyInfo: make.gauge('policy_info', 'The policy version in force.', ['version']),
    policyLoaded: make.gauge('policy_loaded_timestamp_seconds', 'When it came in force.', []),
    policyFailed: make.gauge(
      'policy_reload_failed_timestamp_seconds',
      'When a reload failed that no good one has followed; else 0.',
      [],
    ),
  }
}

function makers(registry: Registry) {
  const common = (name: string, help: string, labels: readonly string[]) => ({
    name: `chaperone_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  return {
    counter: (name: string, help: string, labels: readonly string[]) =>
      new Counter(common(name, help, labels)),
    gauge: (name: string, help: string, labels: readonly string[]) =>
      new Gauge(common(name, help, labels)),
  }
}

/** A counter that is added to for every operation: it is handed over when it is asked for. */
interface TalliedCounter {
  /** Resolves the labels once. */
  series(labels: Readonly<Record<string, string>>): (by: number) => void
}

/** The library's own addition looks its labels up each time. */
function tallied(counter: Counter & { collect?: () => void }): TalliedCounter {
  const handOver: (() => void)[] = []
  counter.collect = () => {
    for (const hand of handOver) hand()
  }
  return {
    series(labels) {
      let since = 0
      handOver.push(() => {
        counter.inc(labels, since)
        since = 0
      })
      return (by) => {
        since += by
      }
    },
  }
}
