import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { LOG, SEED } from '../../emulator/kubernetes/seed.ts'
import type { KubernetesEmulator } from '../../emulator/kubernetes/server.ts'
import { startKubernetesEmulator } from '../../emulator/kubernetes/server.ts'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { findKubectl } from '../support/kubectl.ts'
import type { HttpWorld } from '../world/http.ts'
import { startHttpWorld } from '../world/http.ts'
import { follow } from './follow.ts'
import { inTerminal, noTerminal } from './in-terminal.ts'
import { castOf, recordsOf } from './recordings.ts'

/** The real kubectl through the gateway to an emulator: streams, which need no kubelet here. */

const found = findKubectl()
const skip = 'missing' in found && found.missing
const kubectlPath = 'path' in found ? found.path : ''

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.get, k8s.list, k8s.watch], objects: [prod/**] }
    mask: [{ columns: [prod/secrets/*/data/**, prod/pods/*/spec/containers/env/value], with: redact }]
  - id: logs
    allow: { actions: [k8s.pods.log], objects: [prod/pods/**] }
    mask: [{ detect: [email, payment-card], with: redact }]
  - id: write
    allow: { actions: [k8s.create, k8s.update, k8s.patch], objects: [prod/configmaps/**] }
  - id: shell
    allow: { actions: [k8s.pods.exec], objects: [prod/pods/web-1] }
  - id: no-secrets-in-shells
    deny: { actions: [k8s.pods.exec], text: ['(?m)(^|[ /])(env|printenv)( |$)'] }
    message: Ask for the one value that you need.
  - id: no-deleting
    deny: { actions: [k8s.delete, k8s.deletecollection] }
`

let folder: string
let cluster: KubernetesEmulator
let bench: HttpWorld
let token = ''

before(async () => {
  if (skip !== false) return
  folder = await mkdtemp(join(tmpdir(), 'chaperone-kubectl-'))
  const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const [key, cert] = [await readFile(tls.keyFile), await readFile(tls.certificateFile)]
  cluster = await startKubernetesEmulator({ tls: { key, cert }, token: 'target-secret' })
  for (const [resource, object] of SEED) cluster.add(resource, object)
  for (const line of LOG) cluster.logs.write(line)
  bench = await startHttpWorld({
    policy: POLICY,
    environment: { CHAPERONE_TEST_KUBE_TOKEN: 'target-secret' },
    resources: `
  - name: k8s-prod
    type: kubernetes
    address: ${new URL(cluster.url).host}
    tls: { ca: ${tls.authorityFile} }
    credential: { from: environment, variable: CHAPERONE_TEST_KUBE_TOKEN }
    impersonate: { groups: [agents] }
`,
  })
  token = await bench.token()
})

after(async () => {
  await bench?.stop()
  await cluster?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function destination(): string[] {
  const server = `https://127.0.0.1:${bench.port}/k8s-prod`
  return ['--server', server, '--certificate-authority', bench.authorityFile, '--token', token]
}

function environment() {
  return { env: { PATH: process.env['PATH'], HOME: folder } }
}

function kubectl(words: readonly string[], input?: string, stopAt?: RegExp): Promise<Ran> {
  const child = spawn(kubectlPath, [...destination(), '-n', 'prod', ...words], environment())
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (stopAt?.test(out) === true) child.kill()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (err += text))
  child.stdin.end(input)
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

test("reads through, in the agent's name and with the gateway's credential", { skip }, async () => {
  assert.match((await kubectl(['get', 'pods'])).out, /web-1[^]*web-2/)
  const last = cluster.audit.at(-1)
  assert.equal(last?.user, 'chaperone:etl-1')
  assert.deepEqual(last?.groups, ['agents'])
  assert.ok((await bench.records()).includes(last?.auditId ?? 'none'))
  const secret = await kubectl(['get', 'secret', 'db', '-o', 'jsonpath={.data.password}'])
  assert.equal(Buffer.from(secret.out, 'base64').toString(), '[redacted]')
  const pods = await kubectl(['get', 'pods', '-o', 'yaml'])
  assert.match(pods.out, /podIP: 10\.1\.0\.7/)
  assert.doesNotMatch(pods.out, /canary/)
})

test('logs are searched line by line, also while they are followed', { skip }, async () => {
  const whole = await kubectl(['logs', 'web-1'])
  assert.match(
    whole.out,
    /GET \/orders 200\nsent a receipt to \[redacted\]\ncharged card \[redacted\]/,
  )
  setTimeout(() => cluster.logs.write('later: canary.late@example.com'), 500)
  const followed = await kubectl(['logs', '-f', 'web-1'], undefined, /later/)
  assert.match(followed.out, /later: \[redacted\]/)
})

test('a command runs, and its exit code comes back', { skip }, async () => {
  const said = await kubectl(['exec', 'web-1', '--', 'echo', 'hello'])
  assert.equal(said.out, 'hello\n', said.err)
  assert.equal((await kubectl(['exec', 'web-1', '--', 'exit', '3'])).code, 3)
  assert.equal((await kubectl(['exec', '-i', 'web-1', '--', 'cat'], 'piped\n')).out, 'piped\n')
})

test('a command that a rule refuses does not start', { skip }, async () => {
  const before = cluster.audit.length
  const refused = await kubectl(['exec', 'web-1', '--', 'env'])
  assert.match(refused.err, /no-secrets-in-shells|unable to upgrade|Forbidden/)
  assert.doesNotMatch(refused.out, /canary/)
  assert.equal(cluster.audit.slice(before).filter(({ uri }) => uri.includes('exec')).length, 0)
  const elsewhere = await kubectl(['exec', 'web-2', '--', 'echo', 'x'])
  assert.notEqual(elsewhere.code, 0)
})

test('a script on standard input is judged line by line, and recorded', { skip }, async () => {
  const said = await kubectl(['exec', '-i', 'web-1', '--', 'sh'], 'echo first\necho second')
  assert.equal(said.out, 'first\nsecond\n', said.err)
  const refused = await kubectl(['exec', '-i', 'web-1', '--', 'sh'], 'echo first\nenv\n')
  assert.doesNotMatch(refused.out, /canary|API_KEY/)
  assert.notEqual(refused.code, 0)
  assert.match(await bench.records(), /echo second/)
  const unended = await kubectl(['exec', '-i', 'web-1', '--', 'sh'], 'env')
  assert.doesNotMatch(unended.out, /canary|API_KEY/)
  assert.notEqual(unended.code, 0)
})

test(
  'a terminal is replayed, of the operation that is meant',
  { skip: skip || noTerminal },
  async () => {
    const typed: string[] = []
    for (const word of ['one', 'two']) {
      const words = [...destination(), '-n', 'prod', 'exec', '-it', 'web-1', '--', 'sh']
      const child = follow(inTerminal([kubectlPath, ...words], environment()))
      await child.until(/\$ /)
      child.type(`echo ${word}-$\r`)
      await child.until(new RegExp(`${word}-`))
      child.type('exit\r')
      await child.ended
      const [intent = ''] = await recordsOf(bench, '/exec')
      const { header, events } = await castOf(bench, intent)
      assert.match(String(header['title']), /web-1\/exec/)
      assert.ok(events.some(([, stream, text]) => stream === 'r' && text === '100x30'))
      typed.push(
        events
          .filter(([, stream]) => stream === 'i')
          .map(([, , text]) => text)
          .join(''),
      )
      const shown = events.filter(([, stream]) => stream === 'o').map(([, , text]) => text)
      assert.ok(shown.join('').includes(`\n${word}-$\r\n`))
    }
    assert.deepEqual(typed, ['echo one-$\rexit\r', 'echo two-$\rexit\r'])
  },
)

test('files are copied both ways', { skip }, async () => {
  const path = join(folder, 'file.txt')
  await writeFile(path, 'hello\n'.repeat(1000))
  const up = await kubectl(['cp', path, 'web-1:/data/file.txt'])
  assert.equal(up.code, 0, up.err)
  assert.equal(cluster.container.files.get('/data/file.txt')?.length, 6000)
  const down = await kubectl(['cp', 'web-1:/data/file.txt', join(folder, 'back.txt')])
  assert.equal(down.code, 0, down.err)
  assert.equal(await readFile(join(folder, 'back.txt'), 'utf8'), 'hello\n'.repeat(1000))
})

test('applies, both ways, patches, compares, and is refused', { skip }, async () => {
  const manifest = (value: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: made, namespace: prod }\ndata: { a: ${value} }\n`
  const made = await kubectl(['apply', '-f', '-'], manifest('b'))
  assert.match(made.out, /created/, made.err)
  const again = await kubectl(
    ['apply', '--server-side', '--force-conflicts', '-f', '-'],
    manifest('c'),
  )
  assert.match(again.out, /serverside-applied/, again.err)
  const dry = await kubectl(['apply', '--dry-run=server', '-f', '-'], manifest('d'))
  assert.match(dry.out, /server dry run/, dry.err)
  const patched = await kubectl(['patch', 'configmap', 'made', '-p', '{"data":{"a":"e"}}'])
  assert.match(patched.out, /patched/, patched.err)
  assert.deepEqual(cluster.thing('configmaps', 'prod', 'made')?.['data'], { a: 'e' })
  assert.match((await kubectl(['delete', 'configmap', 'made'])).err, /\(Forbidden\).*no-deleting/)
  assert.match((await kubectl(['explain', 'pods.spec'])).out, /What is wanted/)
})

test('records hold neither the credentials nor what was masked', { skip }, async () => {
  const records = await bench.records()
  assert.doesNotMatch(records, /canary|target-secret/)
  assert.ok(!records.includes(token))
})
