import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack } from '../../../../test/support/azure/requests.ts'
import type { Operation } from '../../../core/operation.ts'
import type { ColumnMask, MaskRule } from '../../../core/verdict.ts'
import { covers, coversEnd, overlaps, parsePattern } from '../../../policy/pattern.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { ApiRequest } from '../../http/api.ts'
import type { AnswerHead } from '../../http/head.ts'
import { answerOf } from './answers.ts'
import { createLinkStore } from './links.ts'
import type { AzureNote } from './note.ts'

const RG = ['subscriptions', 's', 'resourceGroups', 'rg']
const VMS = [...RG, 'providers', 'Microsoft.Compute', 'virtualMachines']
const ID = `/${VMS.join('/')}`

function mask(source: string): ColumnMask {
  const pattern = parsePattern(source)
  assert.ok(typeof pattern !== 'string')
  return {
    type: 'columns',
    covers: (column) => covers(pattern, column),
    touches: (object) => overlaps(pattern, object),
    reaches: (end) => coversEnd(pattern, end),
    with: { name: 'redact' },
    predicates: 'allow',
    policy: 'p',
    rule: 'r',
  }
}

const CARDS: MaskRule = {
  type: 'detect',
  detectors: ['payment-card'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'r',
}

interface Given {
  readonly note?: Partial<AzureNote>
  readonly masks?: readonly MaskRule[]
  readonly wordMasks?: readonly MaskRule[]
  readonly wordDetects?: readonly MaskRule[]
  readonly operation?: Pick<Operation, 'kind' | 'accesses'>
  readonly head?: Partial<AnswerHead>
}

const answerType = [['content-type', 'application/json']] as const

const PLAIN = { kind: 'x', accesses: [] }

function answer(
  body: unknown,
  { note, masks = [], wordMasks = [], wordDetects = [], operation = PLAIN, head }: Given = {},
) {
  const request: ApiRequest<AzureNote> = {
    operation: operation as Operation,
    text: '',
    note: { target: '/x', object: VMS, list: false, reads: true, ...note },
  }
  const judgement = {
    verdict: {
      effect: 'allow',
      obligations: { masks, wordMasks, wordDetects, onMaxRows: 'error' },
    },
    plans: [],
  } as unknown as Judgement
  const links = createLinkStore()
  const context = { agent: 'a', sessionId: 's', operationId: 'o', head: attack({ line: 'GET /x' }) }
  const options = {
    target: 'https://management.azure.com',
    authority: 'https://gw.example/t',
    links,
    keys: { hashKey: new Uint8Array(32) },
    sleep: () => Promise.resolve(),
  }
  const headers = [['content-type', 'application/json']] as const
  const treatment = answerOf(
    request,
    judgement,
    { status: 200, headers, ...head },
    context,
    options,
  )
  if (treatment.type !== 'transform')
    return { treatment, links, context, json: undefined, masked: [] }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const out = Buffer.concat([treatment.body.write(Buffer.from(text)), treatment.body.end()])
  const json = out.length === 0 ? {} : (JSON.parse(out.toString()) as Record<string, unknown>)
  return { treatment, links, context, json, masked: treatment.body.masked }
}

test('a mask covers a field by its place in the thing', () => {
  const vm = { id: `${ID}/vm1`, properties: { osProfile: { adminUsername: 'root', n: 7 } } }
  const note = { object: [...VMS, 'vm1'] }
  const wide = answer(vm, { note, masks: [mask('**/adminUsername')] })
  assert.deepEqual(wide.json?.['properties'], { osProfile: { adminUsername: '[redacted]', n: 7 } })
  assert.deepEqual(wide.masked, ['properties.osProfile.adminUsername'])
  const whole = answer(vm, {
    note,
    masks: [mask('subscriptions/*/resourceGroups/RG/**/osProfile')],
  })
  assert.deepEqual(whole.json?.['properties'], {
    osProfile: { adminUsername: '[redacted]', n: null },
  })
})

test('in a list a narrow mask covers the fields of the things that it names', () => {
  const value = ['vm1', 'vm2'].map((name) => ({
    id: `${ID}/${name}`,
    properties: { user: 'root' },
  }))
  const masks = [mask('subscriptions/*/resourceGroups/*/providers/*/virtualMachines/vm2/**/user')]
  const { json } = answer({ value }, { note: { list: true }, masks })
  const users = ((json ?? {})['value'] as { properties: { user: string } }[]).map(
    (one) => one.properties.user,
  )
  assert.deepEqual(users, ['root', '[redacted]'])
})

test('what comes before a thing tells its id is masked where a mask may speak of it', () => {
  const value = [{ properties: { user: 'root' }, id: `${ID}/vm2` }]
  const masks = [mask('subscriptions/*/resourceGroups/*/providers/*/virtualMachines/vm2/**/user')]
  const { json } = answer({ value }, { note: { list: true }, masks })
  assert.deepEqual(json?.['value'], [{ properties: { user: '[redacted]' }, id: `${ID}/vm2` }])
})

test('one thing’s id does not speak for the next', () => {
  const value = [
    { id: `${ID}/vm1`, properties: { user: 'root' } },
    { properties: { user: 'root' }, id: `${ID}/vm2` },
  ]
  const masks = [mask('subscriptions/*/resourceGroups/*/providers/*/virtualMachines/vm2/**/user')]
  const { json } = answer({ value }, { note: { list: true }, masks })
  const users = ((json ?? {})['value'] as { properties: { user: string } }[]).map(
    (one) => one.properties.user,
  )
  assert.deepEqual(users, ['root', '[redacted]'])
})

test('answers of several requests are masked by the end of the path, and by what was asked', () => {
  const body = { responses: [{ content: { properties: { user: 'root', size: 'L' } } }] }
  const narrow = mask('subscriptions/*/resourceGroups/prod/**/user')
  const { json } = answer(body, { note: { object: [], mixed: [RG] }, masks: [narrow] })
  assert.deepEqual(json, {
    responses: [{ content: { properties: { user: '[redacted]', size: 'L' } } }],
  })
  const all = mask('subscriptions/*/resourceGroups/rg')
  const hidden = answer(body, { note: { object: [], mixed: [VMS] }, masks: [all] })
  assert.match(JSON.stringify(hidden.json), /"size":"\[redacted\]"/)
})

test('detectors look into every text', () => {
  const { json } = answer(
    { note: 'card 4111 1111 1111 1111 of ann', n: 4111111111111111 },
    { masks: [CARDS] },
  )
  assert.doesNotMatch(JSON.stringify(json), /4111/)
})

test('a mask over what is no JSON refuses, and without a mask it passes', () => {
  const head = { headers: [['content-type', 'application/xml']] as const }
  const masked = answer('', { head, masks: [mask('**/x')] }).treatment
  assert.equal(masked.type === 'refused' && masked.denial.code, 'MASK_UNPROVABLE')
  assert.equal(answer('', { head }).treatment.type, 'pass')
  const packed = {
    headers: [
      ['content-type', 'application/json'],
      ['content-encoding', 'gzip'],
    ] as const,
  }
  const encoded = answer('', { head: packed }).treatment
  assert.equal(encoded.type === 'refused' && encoded.denial.code, 'TARGET_PROTOCOL')
  const utf16 = { headers: [['content-type', 'application/json; charset=utf-16']] as const }
  assert.equal(answer('', { head: utf16, masks: [mask('**/x')] }).treatment.type, 'refused')
})

test('the target’s refusal of the gateway is not shown as the agent’s', () => {
  const { treatment } = answer('', { head: { status: 401 } })
  assert.equal(treatment.type === 'refused' && treatment.denial.code, 'TARGET_AUTH')
})

test('a link that an agent wrote somewhere is given to nobody', () => {
  const poll = 'https://management.azure.com/x/operationresults/of-another'
  for (const body of [
    { tags: { nextLink: poll } },
    { properties: { link: poll } },
    { nextLink: poll },
  ]) {
    const { links, context } = answer(body)
    assert.equal(links.find(context, '/x/operationresults/of-another'), undefined)
  }
})

test('a link that an agent has the target say again is given to nobody', () => {
  const poll = 'https://management.azure.com/x/operationresults/of-another'
  for (const name of ['x-ms-client-request-id', 'client-request-id', 'link', 'content-location']) {
    const headers = [[name, poll], ...answerType] as const
    for (const note of [{}, { list: true }, { mixed: [VMS] }]) {
      const { links, context } = answer({}, { note, head: { headers } })
      assert.equal(links.find(context, '/x/operationresults/of-another'), undefined, name)
    }
  }
  for (const name of ['managedBy', 'kind', 'name', 'next']) {
    for (const note of [{ list: true }, { mixed: [VMS] }]) {
      const { links, context } = answer({ [name]: poll }, { note })
      assert.equal(links.find(context, '/x/operationresults/of-another'), undefined, name)
    }
  }
  const part = { responses: [{ content: { kind: poll, nextLink: `${poll}-page` } }] }
  const { links, context } = answer(part, { note: { mixed: [VMS] } })
  assert.equal(links.find(context, '/x/operationresults/of-another'), undefined)
  assert.ok(links.find(context, '/x/operationresults/of-another-page'))
})

test('links by which operations are polled are given', () => {
  for (const name of ['location', 'azure-asyncoperation', 'operation-location']) {
    const headers = [
      [name, 'https://management.azure.com/x/operationresults/1'],
      ...answerType,
    ] as const
    const { links, context } = answer({}, { head: { headers } })
    assert.ok(links.find(context, '/x/operationresults/1'), name)
  }
})

test('what a change answers is masked by every rule of the agent', () => {
  const { json } = answer(
    { secret: 's' },
    { note: { reads: false }, wordMasks: [mask('**/secret')] },
  )
  assert.equal(json?.['secret'], '[redacted]')
})

test('detectors of other rules count for what a change answers, but not for keys that a rule gives', () => {
  const body = { note: 'card 4111 1111 1111 1111' }
  const change = { note: { reads: false }, wordDetects: [CARDS] }
  assert.equal(answer(body, change).json?.['note'], 'card [redacted]')
  assert.equal(answer(body, { wordDetects: [CARDS] }).json?.['note'], body.note)
  const secrets = { action: 'azure.secrets.read', object: [], grant: 'required' } as const
  const verb = { action: 'X/listKeys/action', object: [], effect: 'action' } as const
  const asked = { ...change, note: { reads: false, operation: verb } }
  const keys = { kind: 'for people', accesses: [secrets] }
  assert.equal(answer(body, { ...asked, operation: keys }).json?.['note'], body.note)
  const own = { ...asked, masks: [CARDS], operation: keys }
  assert.equal(answer(body, own).json?.['note'], 'card [redacted]')
  const note = { ...asked.note, mixed: [VMS] }
  const batch = { ...asked, note, operation: keys }
  assert.equal(answer(body, batch).json?.['note'], 'card [redacted]')
})

test('a change whose answer cannot be masked says that it was done, and one without a type is empty', () => {
  const text = { status: 200, headers: [['content-type', 'text/plain']] } as const
  const refused = answer('', { note: { reads: false }, wordDetects: [CARDS], head: text }).treatment
  assert.ok(refused.type === 'refused')
  assert.equal(refused.denial.code, 'MASK_UNPROVABLE')
  assert.match(refused.denial.message, /The target has done it/)
  const head = { status: 202, headers: [['location', '/x/operationresults/1']] } as const
  const { treatment } = answer('', { note: { reads: false }, wordDetects: [CARDS], head })
  assert.ok(treatment.type === 'transform')
  assert.equal(treatment.body.write(Buffer.from('4111 1111 1111 1111')).length, 0)
  assert.equal(answer('', { masks: [CARDS], head }).treatment.type, 'refused')
})

test('what a what-if calls a difference is masked, whatever field it is of', () => {
  const delta = [{ path: 'properties.osProfile.adminUsername', before: 'c4nary', after: 'me' }]
  const children = [{ path: 'x', children: [{ path: 'adminUsername', before: 'c4nary' }] }]
  const before = { properties: { osProfile: { adminUsername: 'c4nary' }, size: 'S' } }
  const { json } = answer(
    { properties: { changes: [{ before, delta }, { delta: children }] } },
    { note: { reads: false, mixed: [VMS] }, wordMasks: [mask('**/adminUsername')] },
  )
  assert.doesNotMatch(JSON.stringify(json), /c4nary/)
  assert.match(JSON.stringify(json), /"size":"S"/)
})

test('a query may call masked fields otherwise, so nothing of it is shown under a mask', () => {
  const { treatment } = answer(
    { a: 1 },
    { note: { reads: false, renames: true }, wordMasks: [mask('**/secret')] },
  )
  assert.equal(treatment.type === 'refused' && treatment.denial.code, 'MASK_UNPROVABLE')
})

test('links to the target lead to the gateway, and belong to the session', () => {
  const body = {
    nextLink: 'https://management.azure.com/x?$skiptoken=1',
    docs: 'https://learn.example/',
  }
  const { json, links, context } = answer(body, { note: { list: true } })
  assert.equal(json?.['nextLink'], 'https://gw.example/arm/x?$skiptoken=1')
  assert.equal(json['docs'], 'https://learn.example/')
  assert.ok(links.find(context, '/x?$skiptoken=1'))
  assert.equal(links.find({ ...context, sessionId: 't' }, '/x?$skiptoken=1'), undefined)
})
