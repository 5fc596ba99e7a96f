import { readFile } from 'node:fs/promises'
import { after } from 'node:test'
import { frameCases } from '../frame-cases.ts'
import { STREAM_POLICY, streamCases } from '../stream-cases.ts'
import { findKubePrograms } from './programs.ts'
import type { RealWorld } from './world.ts'
import { startRealWorld } from './world.ts'

/** The same streams through Kubernetes' own API server, to the streaming code of its kubelet. */

const programs = findKubePrograms()
let world: RealWorld | undefined
after(() => world?.stop())

const node = (kubeletPort: number) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1' },
  status: {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
  },
})

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'prod' },
  spec: {
    nodeName: 'node-1',
    containers: [{ name: 'web', image: 'nginx', stdin: true, tty: true }],
  },
})

async function start(): Promise<RealWorld> {
  const real = (world = await startRealWorld(programs!, STREAM_POLICY, ''))
  const create = async (name: string, thing: object) =>
    real.asAdmin('create', '-f', await real.file(name, JSON.stringify(thing)))
  await create('node.json', node(real.cluster.kubeletPort))
  for (const name of ['web-1', 'web-2']) {
    await create('pod.json', pod(name))
    const runs = '{"status":{"phase":"Running"}}'
    await real.asAdmin('patch', 'pod', name, '-n', 'prod', '--subresource=status', '-p', runs)
  }
  return real
}

const skip = programs === undefined && 'kube-apiserver is not built: npm run test:kube-apiserver'
let started: Promise<RealWorld> | undefined
const once = () => (started ??= start())

frameCases(async () => {
  const { bench, cluster, token } = await once()
  const ca = await readFile(cluster.caFile, 'utf8')
  return {
    bench,
    direct: { port: cluster.port, ca, prefix: '', token: cluster.adminToken },
    through: { port: bench.port, ca: bench.authority, prefix: '/k8s-prod', token },
  }
}, skip)

// Ends the session at last.
streamCases(async () => {
  const real = await once()
  return {
    bench: real.bench,
    start: (...words) => real.start('-n', 'prod', ...words),
    startInTerminal: (...words) => real.startInTerminal('-n', 'prod', ...words),
  }
}, skip)
