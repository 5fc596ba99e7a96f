import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack } from '../../../../test/support/azure/requests.ts'
import { azureRefusal } from './refusal.ts'

const DENIAL = {
  code: 'POLICY_DENIED',
  message: 'No.',
  policy: 'p',
  rule: 'r',
  ruleMessage: 'Frozen.',
  hint: 'Ask.',
} as const

test('a refusal has the form of Resource Manager, and says which rule, and what to do', () => {
  const head = attack({ line: 'GET /x?y=1', headers: [['x-ms-client-request-id', 'id-1']] })
  const { status, headers, body } = azureRefusal(DENIAL, 'https://gw.example/t', head)
  assert.equal(status, 403)
  assert.deepEqual(JSON.parse(body), {
    error: {
      code: 'POLICY_DENIED',
      message: 'No. Rule p/r refused it: Frozen. Ask.',
      target: '/x',
      details: [
        { code: 'POLICY_DENIED', message: 'No.' },
        { code: 'rule', message: 'p/r' },
        { code: 'hint', message: 'Ask.' },
      ],
      innererror: { code: 'POLICY_DENIED', policy: 'p', rule: 'r' },
    },
  })
  assert.ok(headers.some(([name, value]) => name === 'x-ms-client-request-id' && value === 'id-1'))
})

test('what a person gave as the reason for a no reaches the agent', () => {
  const denial = { code: 'APPROVAL_DENIED', message: 'Dana refused.', hint: 'Ask.' } as const
  const messageOf = (refusal: Parameters<typeof azureRefusal>[0]) =>
    (JSON.parse(azureRefusal(refusal, 'a').body) as { error: { message: string } }).error.message
  assert.equal(
    messageOf({ ...denial, ruleMessage: 'Not before Monday.' }),
    'Dana refused. The reason: Not before Monday. Ask.',
  )
  assert.equal(messageOf(denial), 'Dana refused. Ask.')
})

test('a missing token is challenged with the gateway’s own authority', () => {
  const refusal = { code: 'CREDENTIAL_MISSING', message: 'None.', hint: 'Sign in.' } as const
  const { status, headers } = azureRefusal(refusal, 'https://gw.example/t')
  assert.equal(status, 401)
  const challenge = headers.find(([name]) => name === 'www-authenticate')?.[1]
  assert.equal(challenge, 'Bearer authorization_uri="https://gw.example/t"')
})

test('a HEAD gets no body, and an id that could break the head is not repeated', () => {
  const head = attack({ line: 'HEAD /x', headers: [['x-ms-client-request-id', 'a\r\nb']] })
  const { headers, body } = azureRefusal(DENIAL, 'a', head)
  assert.equal(body, '')
  assert.equal(
    headers.some(([name]) => name === 'x-ms-client-request-id'),
    false,
  )
})
