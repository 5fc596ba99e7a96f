import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ChaperoneError } from '../core/errors.ts'
import { formatProblem, InvalidDocument } from '../document/problems.ts'
import { loadConfig, parseConfig } from './load.ts'

const GOOD = `listen:
  postgres:
    address: 0.0.0.0:6432
    tls: { developmentAuthority: true }
identity:
  providers:
    - type: entra
      tenant: 11111111-2222-3333-4444-555555555555
      audience: api://chaperone
resources:
  - name: sales-db
    type: postgres
    address: db.internal:5432
    credential: { from: environment, variable: SALES_PASSWORD, username: gw }
`

function problemsOf(run: () => unknown): readonly string[] {
  let problems: readonly string[] = []
  assert.throws(run, (error) => {
    assert.ok(error instanceof InvalidDocument)
    assert.equal(error.code, 'CONFIG_INVALID')
    problems = error.problems.map((problem) => formatProblem(problem))
    return true
  })
  return problems
}

function changed(from: string, to: string): string {
  assert.ok(GOOD.includes(from))
  return GOOD.replace(from, to)
}

describe('parseConfig', () => {
  it('fills in defaults, and turns units into numbers', () => {
    const config = parseConfig(GOOD, '/etc/chaperone/chaperone.yaml')
    assert.deepEqual(config.listen.postgres.address, { host: '0.0.0.0', port: 6432 })
    assert.equal(config.listen.postgres.plaintext, 'refuse')
    assert.equal(config.listen.api.tls, config.listen.postgres.tls)
    assert.equal(config.resources[0]?.tls.mode, 'verify-full')
    assert.equal(config.resources[0]?.session.max, 8 * 3_600_000)
    assert.equal(config.limits.messageBytesMax, 64 * 2 ** 20)
    assert.equal(config.records.folder, '/etc/chaperone/records')
  })

  it('accepts the published example', () => {
    const file = new URL('../../examples/chaperone.yaml', import.meta.url)
    assert.equal(parseConfig(readFileSync(file, 'utf8'), 'x.yaml').resources[0]?.name, 'sales-db')
  })

  const hint =
    'secrets are never written here; use `from: environment` with `variable`, or `from: file` with `path`'
  const cases: readonly (readonly [name: string, text: string, problems: readonly string[]])[] = [
    [
      'an unknown key',
      changed('tls: {', 'tsl: {'),
      [
        'c.yaml:2:3: listen.postgres.tls: `tls` is missing',
        'c.yaml:4:5: listen.postgres.tsl: unknown key `tsl`\n  hint: did you mean `tls`?',
      ],
    ],
    [
      'a literal password',
      changed('variable: SALES_PASSWORD,', 'variable: A, password: hunter2,'),
      [
        'c.yaml:14:51: resources[0].credential.password: unknown key `password`\n' +
          `  hint: ${hint}`,
      ],
    ],
    [
      'a literal secret in the place of a reference',
      `${GOOD}mask: { hashKey: hunter2 }\n`,
      [`c.yaml:15:18: mask.hashKey: must be a map of keys\n  hint: ${hint}`],
    ],
    [
      'a private key in the place of its path',
      changed('{ developmentAuthority: true }', '{ certificate: a, key: "-----BEGIN K" }'),
      [
        'c.yaml:4:33: listen.postgres.tls.key: must be the path of a file, not its content\n' +
          '  hint: secrets are never written here; put the key in a file of its own',
      ],
    ],
    [
      'a key of another alternative',
      changed('from: environment, variable: SALES_PASSWORD', 'from: file, path: p, variable: V'),
      ['c.yaml:14:40: resources[0].credential.variable: `variable` does not belong here'],
    ],
    [
      'an unknown alternative',
      changed('from: environment', 'from: vault'),
      [
        'c.yaml:14:25: resources[0].credential.from: must be one of environment, file, managed-identity',
      ],
    ],
    [
      'an unknown word',
      changed('credential:', 'tls: { mode: verify-fll }\n    credential:'),
      [
        'c.yaml:14:18: resources[0].tls.mode: must be one of verify-full, verify-ca, require, prefer, disable',
      ],
    ],
    [
      'a duration without a unit',
      changed('credential:', 'session: { max: 15 }\n    credential:'),
      [
        'c.yaml:14:21: resources[0].session.max: must be a duration such as 500ms, 30s, 15m, 8h or 1h30m',
      ],
    ],
    [
      'an address without a port',
      changed('db.internal:5432', 'db.internal'),
      [
        'c.yaml:13:14: resources[0].address: must be host:port, such as 127.0.0.1:6432 or [::1]:6432',
      ],
    ],
    [
      'a plain http provider',
      changed('audience:', 'authority: http://login.example\n      audience:'),
      ['c.yaml:9:18: identity.providers[0].authority: must be an https URL'],
    ],
    [
      'a duplicate name',
      `${GOOD}${GOOD.slice(GOOD.indexOf('  - name: sales-db'))}`,
      ['c.yaml:15:11: resources[1].name: another resource is called `sales-db`'],
    ],
    [
      'a duplicate key',
      changed('    type: postgres', '    type: postgres\n    type: postgres'),
      ['c.yaml:13:5: Map keys must be unique'],
    ],
    [
      'broken YAML',
      `${GOOD}mask: [`,
      [
        'c.yaml:15:8: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'an API without TLS on a public address',
      changed('identity:', '  api: { address: "0.0.0.0:8443", tls: off }\nidentity:'),
      [
        'c.yaml:5:40: listen.api.tls: `off` is allowed only on a loopback address\n' +
          '  hint: listen on 127.0.0.1, or give a certificate',
      ],
    ],
    [
      'plain text to a target elsewhere',
      changed('credential:', 'tls: { mode: prefer }\n    credential:'),
      [
        'c.yaml:14:18: resources[0].tls.mode: `prefer` is allowed only for a target on this machine\n' +
          '  hint: use verify-full, or require where the target has a certificate that nobody can verify',
      ],
    ],
    [
      'a role template with an unknown placeholder',
      changed('credential:', 'role: "x_{user}"\n    credential:'),
      ['c.yaml:14:11: resources[0].role: `{agent}` is the only placeholder'],
    ],
    ['an empty file', '', ['c.yaml:1:1: must be a map of keys']],
  ]

  for (const [name, text, expected] of cases) {
    it(`refuses ${name}, and says where`, () => {
      const problems = problemsOf(() => parseConfig(text, 'c.yaml'))
      assert.deepEqual(problems, expected)
      assert.ok(!problems.join('\n').includes('hunter2'))
    })
  }

  it('reports everything at once, in the order of the file', () => {
    const text = GOOD.replace('0.0.0.0:6432', 'x').replace('entra', 'entr').replace('sales-db', 'X')
    const lines = problemsOf(() => parseConfig(text, 'c.yaml')).map((line) => line.split(':')[1])
    assert.deepEqual(lines, ['3', '7', '11'])
  })
})

describe('loadConfig', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  const file = join(folder, 'c.yaml')

  it('refuses an unreadable file', () => {
    assert.throws(
      () => loadConfig(join(folder, 'none.yaml'), {}),
      (error) => error instanceof ChaperoneError && error.code === 'CONFIG_UNREADABLE',
    )
  })

  it('looks at every file, folder and variable that is named', () => {
    writeFileSync(join(folder, 'not.pem'), 'nothing')
    writeFileSync(
      file,
      `${changed('{ developmentAuthority: true }', '{ certificate: not.pem, key: none.pem }')}agents: { files: [a.yaml] }\n`,
    )
    assert.deepEqual(
      problemsOf(() => loadConfig(file, {})).map((line) => line.slice(file.length + 1)),
      [
        '4:25: listen.postgres.tls.certificate: the file holds no certificate (PEM)',
        '4:39: listen.postgres.tls.key: cannot be read: ENOENT',
        '14:48: resources[0].credential.variable: the environment variable is not set, or empty',
        '15:19: agents.files[0]: cannot be read: ENOENT',
        '1:1: policies.folder: no such folder',
      ],
    )
  })
})
