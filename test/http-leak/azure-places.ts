import type { Place } from './place.ts'
import { json, SEEN } from './place.ts'
import type { Secret } from './secrets.ts'
import type { Value } from './spelling.ts'

export const AZURE_RULES = `
  - id: arm
    allow: { actions: ['*/read', '*/write', '*/action'], objects: ['subscriptions/**'] }
    mask: [{ columns: ['**/osProfile/adminUsername', 'subscriptions/*/resourceGroups/hr/**/ssn'], with: redact }]
  - id: graph
    allow: { actions: ['Microsoft.Graph/**', 'Microsoft.Graph/*/read'], objects: ['users/**', users] }
    mask: [{ columns: ['users/*/mobilePhone'], with: redact }]
  - id: vault
    allow: { actions: ['Microsoft.KeyVault/vaults/*'], objects: ['payments/**'] }
    mask: [{ columns: ['payments/secrets/*/value'], with: redact }]
`

const V = 'api-version=2021-04-01'
const GROUPS = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups'
const JSON_TYPE = 'application/json; charset=utf-8'
const IN_HR = `${GROUPS}/hr/providers/Microsoft.Compute/virtualMachines`

function machine({ word }: Secret, group: string, name: string): Record<string, Value> {
  return {
    id: `${GROUPS}/${group}/providers/Microsoft.Compute/virtualMachines/${name}`,
    name: SEEN,
    properties: {
      osProfile: { adminUsername: word, computerName: SEEN },
      people: [{ ssn: group === 'hr' ? word : 'none', nested: { ssn: group === 'hr' ? 12 : 0 } }],
    },
  }
}

const machines = (secret: Secret): Value => ({
  value: [
    machine(secret, 'hr', 'a'),
    machine(secret, 'web', 'b'),
    machine(secret, 'HR', 'c'),
    { ...machine(secret, 'hr', 'd'), ssn: secret.word },
  ],
})

const person = ({ word }: Secret): Record<string, Value> => ({
  id: 'a',
  displayName: SEEN,
  mobilePhone: word,
})

export const AZURE_PLACES: readonly Place[] = [
  {
    name: 'arm machine',
    line: `GET /arm${IN_HR}/a?${V}`,
    type: JSON_TYPE,
    document: json((s) => machine(s, 'hr', 'a')),
  },
  {
    name: 'arm list',
    line: `GET /arm${IN_HR}?${V}`,
    type: JSON_TYPE,
    document: json(machines),
  },
  {
    name: 'arm list of a subscription',
    line: `GET /arm/subscriptions/00000000-0000-0000-0000-000000000001/resources?${V}`,
    type: JSON_TYPE,
    document: json(machines),
  },
  {
    name: 'arm write',
    line: `PUT /arm${IN_HR}/a?${V}`,
    headers: { 'content-type': 'application/json' },
    body: '{"location":"x"}',
    status: 201,
    type: JSON_TYPE,
    document: json((s) => machine(s, 'hr', 'a')),
  },
  {
    name: 'arm redirect',
    line: `GET /arm${IN_HR}/a?${V}`,
    status: 302,
    type: JSON_TYPE,
    answerHeaders: () => ['location: https://elsewhere.example/a'],
    document: json((s) => machine(s, 'hr', 'a')),
  },
  {
    name: 'arm failure',
    line: `GET /arm${IN_HR}/a?${V}`,
    status: 409,
    type: JSON_TYPE,
    document: json((s) => ({ error: { code: SEEN, details: [machine(s, 'hr', 'a')] } })),
  },
  {
    name: 'graph user',
    line: 'GET /graph/v1.0/users/a',
    type: 'application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8',
    document: json(person),
  },
  {
    name: 'graph users',
    line: 'GET /graph/v1.0/users',
    type: JSON_TYPE,
    document: json((s) => ({ '@odata.context': SEEN, value: [person(s), person(s)] })),
  },
  {
    name: 'vault secret',
    line: 'GET /payments/secrets/db?api-version=7.4',
    type: JSON_TYPE,
    document: json(({ word }) => ({ value: word, id: SEEN, attributes: { enabled: true } })),
  },
  {
    name: 'vault secret with odd values',
    line: 'GET /payments/secrets/db/0123456789abcdef0123456789abcdef?api-version=7.4',
    type: JSON_TYPE,
    document: json(({ word, even }) => ({ id: SEEN, value: [{ a: word, b: [even, [1, word]] }] })),
  },
]
