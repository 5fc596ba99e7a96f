import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectPath } from '../../core/object.ts'
import { readKubernetes } from './request/request.ts'

const KEYS = { hashKey: new Uint8Array(32) }

/** The object that is judged where this is created. */
function created(metadata: string): ObjectPath | undefined {
  const body = Buffer.from(`{"apiVersion":"v1","kind":"ConfigMap","metadata":${metadata}}`)
  const path = '/api/v1/namespaces/prod/configmaps'
  const head = {
    method: 'POST',
    path,
    segments: path.slice(1).split('/'),
    query: '',
    parameters: [],
    headers: [['content-type', 'application/json']] as const,
    authority: 'gw',
    prefix: '',
    bodyLength: body.length,
  }
  const reading = readKubernetes(head, body, { agent: 'etl-1', sessionId: 's' }, KEYS)
  return reading.type === 'request' ? reading.request.operation.accesses[0]?.object : undefined
}

test('what is created has the name in its body', () => {
  assert.deepEqual(created('{"name":"c"}'), ['prod', 'configmaps', 'c'])
  assert.deepEqual(created('{"name":"c","generateName":"a-"}'), ['prod', 'configmaps', 'c'])
})

test('an empty name is none, as it is to the API server, which generates one then', () => {
  for (const metadata of ['{}', '{"name":""}', '{"name":"","generateName":"admin-"}']) {
    assert.deepEqual(created(metadata), ['prod', 'configmaps'], metadata)
  }
})

test('half of a surrogate pair in a name is what the API server reads for it', () => {
  assert.deepEqual(created('{"name":"a\\ud800"}'), ['prod', 'configmaps', 'a\ufffd'])
})
