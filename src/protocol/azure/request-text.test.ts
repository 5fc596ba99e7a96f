import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestHead } from '../../http/head.ts'
import { requestText } from './request-text.ts'

test('rules with text see the line as Azure reads it', () => {
  const head: RequestHead = {
    method: 'GET',
    path: '/subscriptions/s/resource%47roups',
    segments: ['subscriptions', 's', 'resourceGroups'],
    query: '%24filter=tagName%20eq%20%27a%27',
    parameters: [['$filter', "tagName eq 'a'"]],
    headers: [['commandname', 'group list']],
    authority: 'gateway',
    prefix: '',
    bodyLength: 0,
  }
  assert.deepEqual(requestText(head).split('\n'), [
    "GET /subscriptions/s/resourceGroups?$filter=tagName eq 'a'",
    'commandname: group list',
  ])
})
