import assert from 'node:assert/strict'
import { test } from 'node:test'
import { otherNames } from './other-names.ts'

const PAIRS = [
  ['deployments.apps', 'deployments.extensions'],
  ['daemonsets.apps', 'daemonsets.extensions'],
  ['replicasets.apps', 'replicasets.extensions'],
  ['ingresses.networking.k8s.io', 'ingresses.extensions'],
  ['networkpolicies.networking.k8s.io', 'networkpolicies.extensions'],
  ['events', 'events.events.k8s.io'],
] as const

const EVENT_FIELDS = [
  ['message', 'note'],
  ['involvedObject', 'regarding'],
  ['source', 'deprecatedSource'],
  ['reportingComponent', 'reportingController'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const

test('what is kept under two names is masked and judged under both, whichever is named', () => {
  for (const [one, other] of PAIRS) {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      assert.deepEqual(otherNames(['ns', from]), [['ns', to]])
      assert.deepEqual(otherNames(['ns', from, 'x']), [['ns', to, 'x']])
      assert.deepEqual(otherNames(['ns', from, 'x', 'spec', 'a']), [['ns', to, 'x', 'spec', 'a']])
    }
  }
})

test('fields of events have their other names, in both directions', () => {
  for (const [old, now] of EVENT_FIELDS) {
    const core = ['ns', 'events', 'x', old, 'a']
    const group = ['ns', 'events.events.k8s.io', 'x', now, 'a']
    assert.deepEqual(otherNames(core), [group])
    assert.deepEqual(otherNames(group), [core])
  }
})

test('data of secrets is what was written as text; a scale shows the selector of its owner', () => {
  for (const [one, other] of [
    ['data', 'stringData'],
    ['stringData', 'data'],
    ['type', 'type'],
  ] as const) {
    assert.deepEqual(otherNames(['ns', 'secrets', 'x', one, 'k']), [
      ['ns', 'secrets', 'x', other, 'k'],
    ])
  }
  assert.deepEqual(otherNames(['ns', 'pods', 'x', 'status', 'selector', 'a']), [
    ['ns', 'pods', 'x', 'spec', 'selector', 'a'],
  ])
})

test('all else has one name', () => {
  for (const path of [
    [],
    ['ns'],
    ['ns', 'pods', 'x', 'spec'],
    ['ns', 'pods', 'x', 'status', 'phase'],
    ['ns', 'pods', 'x', 'spec', 'selector'],
    ['ns', 'configmaps', 'x', 'data', 'k'],
    ['ns', 'deployments', 'x'],
  ]) {
    assert.deepEqual(otherNames(path), [])
  }
})
