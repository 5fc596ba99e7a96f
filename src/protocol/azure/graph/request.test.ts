import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack, bytesOf, KEYS } from '../../../../test/support/azure/requests.ts'
import { createLinkStore } from '../shared/links.ts'
import { readExpand } from './expand.ts'
import { readGraph } from './request.ts'

function readingOf(line: string, body?: unknown) {
  const asker = { agent: 'a', sessionId: 's' }
  return readGraph(attack({ line, body }), bytesOf(body), asker, {
    links: createLinkStore(),
    keys: KEYS,
  })
}

function accesses(line: string, body?: unknown): readonly string[] {
  const reading = readingOf(line, body)
  if (reading.type === 'refused')
    return [`refused ${reading.denial.code}: ${reading.denial.message}`]
  if (reading.type !== 'request') return [reading.type]
  const { operation } = reading.request
  return operation.accesses.map(({ action, object }) => `${action} ${object.join('/')}`)
}

const G = '6dae42f8-4368-4678-94ff-3960e28e3630'

/** Line, and what it asks for. */
const CASES: readonly (readonly [string, ...string[]])[] = [
  ['GET /v1.0/users', 'Microsoft.Graph/users/read users'],
  [`GET /v1.0/USERS/${G.toUpperCase()}`, `Microsoft.Graph/users/read users/${G}`],
  ["GET /beta/users('A')", 'Microsoft.Graph/users/read users/a'],
  [
    "GET /v1.0/servicePrincipals(appId='X')",
    'Microsoft.Graph/servicePrincipals/read servicePrincipals/appid=x',
  ],
  [`GET /v1.0/groups/${G}/members`, `Microsoft.Graph/groups/members/read groups/${G}/members`],
  [
    `GET /v1.0/groups/${G}/members/microsoft.graph.user`,
    `Microsoft.Graph/groups/members/read groups/${G}/members`,
  ],
  [
    'GET /v1.0/roleManagement/directory/roleAssignments',
    'Microsoft.Graph/roleManagement/directory/roleAssignments/read roleManagement/directory/roleAssignments',
  ],
  ['GET /v1.0/users/delta', 'Microsoft.Graph/users/read users/delta'],
  ['GET /v1.0/users/$count', 'Microsoft.Graph/users/read users'],
  [
    'GET /v1.0/groups?$expand=members($select=id;$expand=owners),appRoleAssignments',
    'Microsoft.Graph/groups/read groups',
    'Microsoft.Graph/groups/members/read groups/members',
    'Microsoft.Graph/groups/members/owners/read groups/members/owners',
    'Microsoft.Graph/groups/approleassignments/read groups/approleassignments',
  ],
  [
    `GET /v1.0/informationProtection/bitlocker/recoveryKeys/${G}`,
    `Microsoft.Graph/informationprotection/bitlocker/recoveryKeys/read informationprotection/bitlocker/recoveryKeys/${G}`,
    `azure.secrets.read informationprotection/bitlocker/recoveryKeys/${G}`,
  ],
]

for (const [line, ...wanted] of CASES) {
  test(line, () => assert.deepEqual(accesses(line), wanted))
}

test('what only describes somebody gives no access', () => {
  const plain = [
    [`PATCH /v1.0/users/${G}`, { displayName: 'x', givenName: 'x', mobilePhone: '1' }],
    [
      'POST /v1.0/groups',
      { displayName: 'x', mailEnabled: false, mailNickname: 'x', securityEnabled: true },
    ],
    [`PATCH /v1.0/groups/${G}`, { '@odata.type': '#microsoft.graph.group', description: 'x' }],
  ] as const
  for (const [line, body] of plain) {
    assert.doesNotMatch(accesses(line, body).join(), /azure\.escalate/, line)
  }
})

test('what gives access says so', () => {
  for (const [line, body] of [
    [`POST /v1.0/groups/${G}/members/$ref`, {}],
    [`POST /v1.0/applications/${G}/addPassword`, {}],
    [`POST /v1.0/applications/${G}/federatedIdentityCredentials`, {}],
    [`POST /v1.0/servicePrincipals/${G}/appRoleAssignedTo`, {}],
    ['POST /v1.0/roleManagement/directory/roleAssignments', {}],
    ['POST /v1.0/oauth2PermissionGrants', {}],
    [`DELETE /v1.0/groups/${G}/owners/x/$ref`, undefined],
    [`PATCH /v1.0/users/${G}`, { passwordProfile: {} }],
    [`PATCH /v1.0/users/${G}`, { userType: 'Member' }],
    [`PATCH /v1.0/users/${G}`, { department: 'finance' }],
    [`PATCH /v1.0/users/${G}`, { onPremisesExtensionAttributes: { extensionAttribute1: 'x' } }],
    [`PATCH /v1.0/users/${G}`, { comesInTwoYears: 'x' }],
    [`PATCH /v1.0/groups/${G}`, { visibility: 'Public' }],
    [`PATCH /v1.0/groups/${G}`, { GroupTypes: ['DynamicMembership'] }],
    [`PATCH /v1.0/groups/${G}`, { 'members@delta': [] }],
    [`PATCH /v1.0/groups/${G}`, { members: [] }],
    [`PATCH /v1.0/devices/${G}`, { extensionAttributes: {} }],
    ['POST /v1.0/groups', { displayName: 'x', 'owners@odata.bind': ['x'] }],
    ['PATCH /v1.0/policies/authorizationPolicy', {}],
  ] as const) {
    assert.match(accesses(line, body).join(), /azure\.escalate/, line)
  }
  assert.match(
    accesses(`POST /v1.0/applications/${G}/addPassword`, {}).join(),
    /azure\.secrets\.read/,
  )
  assert.doesNotMatch(
    accesses('POST /v1.0/directoryObjects/getByIds', { ids: [] }).join(),
    /azure\./,
  )
  assert.match(accesses(`POST /v1.0/users/${G}/assignNovelty`, {}).join(), /azure\.unlisted/)
})

test('a batch is as much as all that is in it', () => {
  const requests = [
    { id: '1', method: 'GET', url: '/users' },
    { id: '2', method: 'DELETE', url: `/groups/${G}` },
  ]
  assert.deepEqual(accesses('POST /v1.0/$batch', { requests }), [
    'Microsoft.Graph/users/read users',
    `Microsoft.Graph/groups/delete groups/${G}`,
  ])
})

test('a name that can be taken for another is refused wherever it stands in a path', () => {
  const path = ['users', G, 'messages', 'x', 'attachments']
  for (const letter of [
    '\u017f',
    '\u212a',
    '\u0131',
    '\uff53',
    '\u200b',
    '\u00a0',
    ';x',
    '.',
    '\ufeff',
  ]) {
    for (let place = 0; place < path.length; place++) {
      const segments = path.map((one, index) => (index === place ? one + letter : one))
      const line = `GET /v1.0/${segments.map(encodeURIComponent).join('/')}`
      assert.match(accesses(line).join(), /^refused /, line)
    }
  }
  assert.match(accesses(`GET /v1.0/${path.join('/')}`).join(), /^Microsoft\.Graph/)
})

test('what cannot be judged is refused', () => {
  for (const [line, body] of [
    ['GET /v1.0/me', undefined],
    ['GET /v2.0/users', undefined],
    ['GET /v1.0', undefined],
    ['GET /v1.0/groups?$expand=members(', undefined],
    ['GET /v1.0/users?$top=1&$TOP=2', undefined],
    ['GET /v1.0/users?expand=manager&$expand=memberOf', undefined],
    ['GET /v1.0/users?$skiptoken=x', undefined],
    ['GET /v1.0/users/delta?$deltatoken=x', undefined],
    [
      'POST /v1.0/$batch',
      { requests: [{ id: '1', method: 'GET', url: 'https://evil.example/x' }] },
    ],
    ['POST /v1.0/$batch', { requests: [{ id: '1', method: 'GET', url: '//evil.example/x' }] }],
    ['POST /v1.0/$batch', { requests: [{ id: '1', method: 'GET', url: '/me' }] }],
    ['POST /v1.0/$batch', { requests: [{ id: '1', method: 'GET', url: '/../beta/users' }] }],
    [
      'POST /v1.0/$batch',
      { requests: [{ id: '1', method: 'GET', url: '/users', headers: { Authorization: 'x' } }] },
    ],
    ['POST /v1.0/$batch', { requests: [] }],
    ['POST /v1.0/$batch', { requests: [{ id: '1', method: 'POST', url: '/$batch', body: {} }] }],
    ['POST /v1.0/groups', '{"displayName":"a","displayname":"b"}'],
  ] as const) {
    assert.match(
      accesses(line, body).join(),
      /^refused (REQUEST_UNSUPPORTED|LINK_UNKNOWN)/,
      `${line} ${JSON.stringify(body)}`,
    )
  }
})

test('a condition is one wherever it stands, with a dollar or without', () => {
  const predicates = (line: string, body?: unknown) => {
    const reading = readingOf(line, body)
    assert.ok(reading.type === 'request', line)
    return reading.request.operation.predicates.map((path) => path.join('/'))
  }
  for (const query of ["$filter=ssn eq 'x'", "filter=ssn eq 'x'", "%24Filter=ssn eq 'x'"]) {
    assert.ok(predicates(`GET /v1.0/users?${query.replaceAll(' ', '+')}`).includes('users/ssn'))
  }
  assert.ok(predicates('GET /v1.0/users?$apply=groupby((ssn))').includes('users/ssn'))
  const inside = predicates(`GET /v1.0/groups/${G}?$expand=members($filter=ssn+eq+'1')`)
  assert.ok(inside.includes(`groups/${G}/members/ssn`))
  assert.deepEqual(predicates(`GET /v1.0/groups/${G}?$expand=members($select=ssn)`), [])
  const requests = [{ id: '1', method: 'GET', url: "/users?$filter=ssn+eq+'1'" }]
  assert.ok(predicates('POST /v1.0/$batch', { requests }).includes('users/ssn'))
})

test('what is expanded is read in time that grows with it', () => {
  const began = performance.now()
  assert.equal(readExpand(`a${' '.repeat(100_000)}x`), 'a part of it is no name')
  assert.deepEqual(readExpand(' a ($select=b) , c '), [['a'], ['c']])
  // Each blank tried to the end of all: half a minute.
  assert.ok(performance.now() - began < 2_000)
})
