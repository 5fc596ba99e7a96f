import type { Operation } from '../../../src/core/operation.ts'
import type { AllowVerdict, DenyVerdict, HoldVerdict } from '../../../src/core/verdict.ts'
import { NO_OBLIGATIONS } from '../../../src/core/verdict.ts'
import type { Intent, SessionFacts } from '../../../src/record/lines/trail.ts'

/** Things to record, for tests. */

export const START_MS = Date.UTC(2026, 10, 24, 10)

export function sessionFacts(over: Partial<SessionFacts> = {}): SessionFacts {
  return {
    id: '019ab111-0000-7000-8000-000000000001',
    principal: {
      agent: {
        name: 'etl-1',
        tenant: 'tenant-1',
        objectId: 'oid-1',
        appId: 'app-1',
        owner: 'olga@example.com',
        purpose: 'nightly load',
        labels: {},
        disabled: false,
      },
      groups: ['data-agents'],
      roles: ['Chaperone.Etl'],
      via: 'token',
      tokenId: 'uti-1',
      tokenExpiresAt_ms: START_MS + 3_600_000,
    },
    resource: { name: 'sales-db', type: 'postgres', labels: { env: 'prod' } },
    protocol: 'postgres',
    clientAddress: '10.0.0.7',
    database: 'sales',
    client: 'psql',
    startedAt_ms: START_MS,
    ...over,
  }
}

export function operation(over: Partial<Operation> = {}): Operation {
  return {
    kind: 'SELECT',
    fingerprint: 'f1',
    accesses: [
      {
        action: 'sql.select',
        object: ['sales', 'public', 'customers'],
        parts: ['id', 'email'],
        grant: 'required',
      },
    ],
    predicates: [['sales', 'public', 'customers', 'id']],
    results: [],
    facts: { statements: 1, readOnly: true, hasWhere: true },
    ...over,
  }
}

export const ALLOW: AllowVerdict = {
  effect: 'allow',
  policyVersion: 'v1',
  reasons: [{ policy: 'etl-on-sales', rule: 'read', effect: 'allow' }],
  keeps: 'shape',
  obligations: NO_OBLIGATIONS,
}

export const HOLD: HoldVerdict = {
  ...ALLOW,
  effect: 'hold',
  reasons: [{ policy: 'etl-on-sales', rule: 'fix-orders', effect: 'hold' }],
  approval: [
    {
      approvers: { groups: ['dba'], people: [] },
      count: 2,
      expires_ms: 900_000,
      reasonRequired: false,
    },
  ],
}

export const DENY: DenyVerdict = {
  effect: 'deny',
  policyVersion: 'v1',
  reasons: [{ policy: 'etl-on-sales', rule: 'no-ddl', effect: 'deny' }],
  keeps: 'shape',
  denial: {
    code: 'POLICY_DENIED',
    message: 'DROP TABLE is denied.',
    policy: 'etl-on-sales',
    rule: 'no-ddl',
    hint: 'Use the migrations pipeline.',
  },
}

export function intent(over: Partial<Intent> = {}): Intent {
  return {
    at_ms: START_MS,
    phase: 'run',
    operation: operation(),
    text: 'select * from customers where id = $1',
    parameters: ['42'],
    verdict: ALLOW,
    ...over,
  }
}
