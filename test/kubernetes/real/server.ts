import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../../bench/child.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLog } from '../../../src/core/log.ts'
import { createJsonClient } from '../../../src/identity/tokens/json-client.ts'
import { openDevelopmentAuthority } from '../../../src/listen/development-authority.ts'
import type { KubePrograms } from './programs.ts'

/** A real kube-apiserver over a real etcd, with RBAC, its audit log, and the streams of a kubelet. */
export interface ApiServer {
  readonly port: number
  readonly caFile: string
  /** Where the kubelet of its one node has to listen, for `exec`, `attach` and `port-forward`. */
  readonly kubeletPort: number
  /** Of the gateway, which may impersonate, and do nothing else by itself. */
  readonly gatewayToken: string
  /** Of a person who may do everything. */
  readonly adminToken: string
  /** Lines of the cluster's own audit log so far. */
  audit(): Promise<readonly AuditEvent[]>
  stop(): Promise<void>
}

export interface AuditEvent {
  readonly auditID: string
  readonly stage: string
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly impersonatedUser?: { readonly username: string; readonly groups?: readonly string[] }
  /** Absent for paths that are no resource. */
  readonly objectRef?: ObjectRef
}

/** What the API server took a request to speak of; what is absent is empty. */
export interface ObjectRef {
  readonly apiGroup?: string
  readonly apiVersion?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
}

const START_MS = 60_000
const ADMIN = 'admin-token'
const GATEWAY = 'gateway-token'

export async function startApiServer(programs: KubePrograms): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-kube-'))
  const running: ChildProcess[] = []
  const stop = async () => {
    for (const one of running.reverse()) await ended(one)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const tls = await openDevelopmentAuthority({
      folder: join(folder, 'tls'),
      clock: systemClock,
      log: silentLog,
    })
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
    const kubeletPort = await freePort()
    const etcd = `http://127.0.0.1:${etcdPort}`
    running.push(
      start(programs.etcd, {
        'data-dir': join(folder, 'etcd'),
        'listen-client-urls': etcd,
        'advertise-client-urls': etcd,
        'listen-peer-urls': `http://127.0.0.1:${peerPort}`,
        'initial-advertise-peer-urls': `http://127.0.0.1:${peerPort}`,
        'initial-cluster': `default=http://127.0.0.1:${peerPort}`,
        'log-level': 'error',
      }),
    )
    const files = await writeFiles(folder)
    const certificate = {
      'tls-cert-file': tls.certificateFile,
      'tls-private-key-file': tls.keyFile,
    }
    running.push(start(programs.kubelet, { ...certificate, address: `127.0.0.1:${kubeletPort}` }))
    running.push(
      start(programs.apiserver, {
        'etcd-servers': etcd,
        'bind-address': '127.0.0.1',
        'secure-port': String(port),
        ...certificate,
        'kubelet-certificate-authority': tls.authorityFile,
        'kubelet-preferred-address-types': 'InternalIP',
        'token-auth-file': files.tokens,
        'authorization-mode': 'RBAC',
        'service-account-issuer': 'https://kubernetes.default.svc',
        'service-account-key-file': files.publicKey,
        'service-account-signing-key-file': files.privateKey,
        'service-cluster-ip-range': '10.0.0.0/24',
        'disable-admission-plugins': 'ServiceAccount',
        'audit-policy-file': files.policy,
        'audit-log-path': files.audit,
        v: '0',
      }),
    )
    const url = `https://127.0.0.1:${port}`
    await ready(url, await readFile(tls.authorityFile))
    return {
      port,
      caFile: tls.authorityFile,
      kubeletPort,
      gatewayToken: GATEWAY,
      adminToken: ADMIN,
      async audit() {
        const text = await readFile(files.audit, 'utf8')
        return text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as AuditEvent)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function start(program: string, flags: Readonly<Record<string, string>>): ChildProcess {
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'ignore'] })
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function writeFiles(folder: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const file = async (name: string, text: string) => {
    const path = join(folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  return {
    tokens: await file(
      'tokens.csv',
      `${ADMIN},admin,1,system:masters\n${GATEWAY},chaperone-gateway,2\n`,
    ),
    privateKey: await file('sa.key', privateKey),
    publicKey: await file('sa.pub', publicKey),
    policy: await file(
      'audit.yaml',
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{ level: Metadata }]\n',
    ),
    audit: join(folder, 'audit.log'),
  }
}

async function ready(url: string, ca: Buffer): Promise<void> {
  const ask = createJsonClient({ ca })
  for (const until_ms = Date.now() + START_MS; ; await delay(200)) {
    try {
      await ask(`${url}/version`)
      return
    } catch (error) {
      if (Date.now() > until_ms) throw error
    }
  }
}
