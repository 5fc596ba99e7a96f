import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Metrics } from './metrics.ts'
import { createMetrics } from './metrics.ts'

async function values(metrics: Metrics): Promise<readonly string[]> {
  const text = await metrics.exposition.text()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

it('counts sessions, operations and bytes by resource', async () => {
  const metrics = createMetrics({ processMetrics: false })
  const session = metrics.session('sales-db', 'postgres')
  session.opened()
  session.opened()
  session.operation('deny')
  session.bytes(10, 0)
  session.holds(1)
  session.closed('ended')
  session.operationDone(0.002)
  const lines = await values(metrics)
  const labels = 'resource="sales-db",protocol="postgres"'
  assert.ok(lines.includes(`chaperone_sessions_open{${labels}} 1`))
  assert.ok(lines.includes(`chaperone_sessions_total{${labels},outcome="ended"} 1`))
  assert.ok(lines.includes(`chaperone_operations_total{${labels},verdict="deny"} 1`))
  assert.ok(lines.includes(`chaperone_bytes_total{${labels},from="client"} 10`))
  assert.ok(lines.includes(`chaperone_holds_waiting{${labels}} 1`))
  assert.ok(lines.includes(`chaperone_operation_duration_seconds_count{${labels}} 1`))
})

it('does not count a refused session as one that was open', async () => {
  const metrics = createMetrics({ processMetrics: false })
  metrics.session('a', 'postgres').closed('refused')
  const lines = await values(metrics)
  assert.ok(lines.includes('chaperone_sessions_open{resource="a",protocol="postgres"} 0'))
})

it('tells only the policy version in force', async () => {
  const metrics = createMetrics({ processMetrics: false })
  metrics.policyLoaded('one', 1000)
  metrics.policyReloadFailed(2000)
  assert.ok((await values(metrics)).includes('chaperone_policy_reload_failed_timestamp_seconds 2'))
  metrics.policyLoaded('two', 3000)
  const lines = await values(metrics)
  assert.ok(lines.includes('chaperone_policy_info{version="two"} 1'))
  assert.ok(!lines.some((line) => line.includes('version="one"')))
  assert.ok(lines.includes('chaperone_policy_reload_failed_timestamp_seconds 0'))
})

it('shares nothing between two registries', async () => {
  const one = createMetrics({ processMetrics: true })
  const other = createMetrics({ processMetrics: true })
  one.signInRefused('TOKEN_EXPIRED')
  one.recordFault(true)
  const lines = await values(one)
  assert.ok(lines.includes('chaperone_sign_ins_refused_total{code="TOKEN_EXPIRED"} 1'))
  assert.ok(lines.includes('chaperone_record_fault 1'))
  assert.ok(lines.some((line) => line.startsWith('process_cpu_seconds_total')))
  assert.ok(!(await values(other)).some((line) => line.includes('TOKEN_EXPIRED')))
})
