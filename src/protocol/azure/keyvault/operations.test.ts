import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { headOf } from '../../../../test/support/azure/storage-head.ts'
import { isDenial } from '../shared/denial.ts'
import { vaultCall } from './operations.ts'
import { challengeResource, vaultRefusal } from './refusal.ts'
import { VAULT_ROWS } from './rows.ts'

const V = '0123456789abcdef0123456789abcdef'

function told(method: string, path: string, query = 'api-version=7.6'): string {
  const call = vaultCall(headOf(method, `${path}?${query}`), 'kv')
  if (isDenial(call)) return `refused ${call.code}`
  const accesses = call.operation.accesses.map(
    ({ action, object }) =>
      `${action.replace('Microsoft.KeyVault/vaults/', '')} ${object.join('/')}`,
  )
  return `${call.kind}: ${accesses.join('; ')}`
}

const CASES: readonly [method: string, path: string, told: string][] = [
  ['GET', '/secrets', 'GetSecrets: secrets/readMetadata/action kv/secrets'],
  ['GET', '/secrets/DB-Password', 'GetSecret: secrets/getSecret/action kv/secrets/db-password'],
  ['GET', `/secrets/db/${V}`, `GetSecret: secrets/getSecret/action kv/secrets/db/${V}`],
  ['GET', '/secrets/db/', 'GetSecret: secrets/getSecret/action kv/secrets/db'],
  ['GET', '/secrets/db/versions', 'GetSecretVersions: secrets/readMetadata/action kv/secrets/db'],
  ['GET', '/secrets/restore', 'GetSecret: secrets/getSecret/action kv/secrets/restore'],
  ['PUT', '/secrets/db', 'SetSecret: secrets/setSecret/action kv/secrets/db'],
  ['PATCH', `/secrets/db/${V}`, `UpdateSecret: secrets/update/action kv/secrets/db/${V}`],
  ['DELETE', '/secrets/db', 'DeleteSecret: secrets/delete kv/secrets/db'],
  ['POST', '/secrets/db/backup', 'BackupSecret: secrets/backup/action kv/secrets/db'],
  ['POST', '/secrets/restore', 'RestoreSecret: secrets/restore/action kv/secrets'],
  ['GET', '/deletedsecrets', 'GetDeletedSecrets: secrets/readMetadata/action kv/secrets'],
  ['DELETE', '/deletedsecrets/db', 'PurgeDeletedSecret: secrets/purge/action kv/secrets/db'],
  [
    'POST',
    '/deletedsecrets/db/recover',
    'RecoverDeletedSecret: secrets/recover/action kv/secrets/db',
  ],
  ['POST', '/keys/k/create', 'CreateKey: keys/create/action kv/keys/k'],
  ['POST', `/keys/k/${V}/sign`, `Sign: keys/sign/action kv/keys/k/${V}`],
  ['POST', '/keys/k//decrypt', 'Decrypt: keys/decrypt/action kv/keys/k'],
  ['POST', '/keys/k/unwrapkey', 'UnwrapKey: keys/unwrap/action kv/keys/k'],
  ['POST', `/keys/k/${V}/release`, `ReleaseKey: keys/release/action kv/keys/k/${V}`],
  ['PUT', '/keys/k/rotationpolicy', 'SetKeyRotationPolicy: keyrotationpolicies/write kv/keys/k'],
  ['GET', '/certificates/contacts', 'GetContacts: certificates/read kv/certificates/contacts'],
  ['PUT', '/certificates/issuers/CA', 'SetIssuer: certificatecas/write kv/certificates/issuers/ca'],
  [
    'POST',
    '/certificates/c/pending/merge',
    'MergeCertificate: certificates/merge/action kv/certificates/c',
  ],
]

describe('operations of a vault', () => {
  for (const [method, path, expected] of CASES) {
    test(`${method} ${path}`, () => assert.equal(told(method, path), expected))
  }

  test('every row of the table can be reached', () => {
    const reached = new Set<string>()
    for (const { methods, path } of VAULT_ROWS) {
      const written = path.replace('{name}', 'one').replace('{version}', V)
      reached.add(told(methods[0]!, `/${written}`).split(':')[0]!)
    }
    assert.deepEqual([...reached].sort(), [...new Set(VAULT_ROWS.map(({ kind }) => kind))].sort())
  })

  test('an empty version goes on as none', () => {
    const call = vaultCall(headOf('POST', '/keys/k//sign?api-version=7.6'), 'kv')
    assert.equal(!isDenial(call) && call.target, '/keys/k/sign?api-version=7.6')
  })
})

describe('everything else is refused', () => {
  for (const [method, path, query] of [
    ['GET', '/storage'],
    ['GET', '/storage/acme/sas/x'],
    ['POST', '/backup'],
    ['GET', '/securitydomain/download'],
    ['GET', '/secrets/db/value'],
    ['GET', `/secrets/db/${V}/x`],
    ['GET', '/secrets/d.b'],
    ['GET', '/secrets//db'],
    ['GET', '//secrets/db'],
    ['GET', '/Secrets/db'],
    ['GET', '/secrets/db%00'],
    ['GET', `/secrets/db/${V}0`],
    ['POST', '/keys/k/'],
    ['POST', '/certificates/issuers/create'],
    ['POST', '/certificates/contacts/import'],
    ['GET', '/certificates/Contacts'],
    ['OPTIONS', '/secrets'],
    ['HEAD', '/secrets/db'],
    ['GET', '/secrets/db', 'api-version=7.6&api-version=7.5'],
    ['GET', '/secrets/db', 'api-version=7.6&API-Version=7.5'],
    ['GET', '/secrets/db', 'api-version=7.6&$select=value'],
    ['GET', '/secrets/db', 'maxresults=1'],
    ['GET', '/secrets', 'api-version=7.6&maxresults=all'],
    ['GET', '/secrets/db', ''],
  ] as readonly [string, string, string?][]) {
    test(`${method} ${path} ${query ?? ''}`, () => {
      assert.equal(told(method, path, query), 'refused REQUEST_UNSUPPORTED')
    })
  }
})

describe('the challenge', () => {
  const challenge = {
    authority: 'https://gateway.example/tenant',
    resource: 'https://vault.azure.net',
  }
  const missing = { code: 'CREDENTIAL_MISSING', message: 'No token.', hint: 'Sign in.' } as const
  const at = (authority: string) => ({ ...headOf('GET', '/secrets'), authority })

  test('names the token service and what the vault’s name ends with', () => {
    for (const [authority, resource] of [
      ['kv.vault.azure.net', 'https://vault.azure.net'],
      ['kv.vault.gateway.example:8443', 'https://vault.gateway.example'],
      ['kv.example', 'https://vault.azure.net'],
      ['127.0.0.1:8443', 'https://vault.azure.net'],
      ['evil.vaults.example', 'https://vault.azure.net'],
      ['kv.vault.gateway.example", error="x', 'https://vault.azure.net'],
    ] as const) {
      assert.equal(challengeResource(challenge, at(authority)), resource, authority)
    }
    const answer = vaultRefusal(challenge, missing, at('kv.vault.azure.net'))
    assert.equal(answer.status, 401)
    assert.deepEqual(
      answer.headers.find(([name]) => name === 'www-authenticate')?.[1],
      'Bearer authorization="https://gateway.example/tenant", resource="https://vault.azure.net"',
    )
  })

  test('does not come with other refusals, which say rule and way forward', () => {
    const answer = vaultRefusal(challenge, {
      code: 'POLICY_DENIED',
      message: 'Not this.',
      policy: 'no-secrets',
      rule: 'read',
      hint: 'Ask for names.',
    })
    assert.equal(answer.status, 403)
    assert.equal(
      answer.headers.some(([name]) => name === 'www-authenticate'),
      false,
    )
    assert.deepEqual(JSON.parse(answer.body), {
      error: {
        code: 'Forbidden',
        message: 'Not this. Rule: no-secrets/read. Ask for names. (POLICY_DENIED)',
        innererror: {
          code: 'POLICY_DENIED',
          policy: 'no-secrets',
          rule: 'read',
          hint: 'Ask for names.',
        },
      },
    })
  })
})
