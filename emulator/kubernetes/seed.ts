import type { Thing } from './objects.ts'

const inProd = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  namespace: 'prod',
  labels,
})
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A small cluster: a web application with its configuration, a secret and a log. */
export const SEED: readonly (readonly [resource: string, object: Thing])[] = [
  ['namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } }],
  ['namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  ...['web-1', 'web-2'].map(
    (name) =>
      [
        'pods',
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: inProd(name, { app: 'web' }),
          spec: {
            containers: [
              {
                name: 'web',
                image: 'nginx',
                stdin: true,
                tty: true,
                env: [{ name: 'API_KEY', value: 'canary-env-value' }],
              },
            ],
          },
          status: { phase: 'Running', podIP: '10.1.0.7' },
        },
      ] as const,
  ),
  [
    'secrets',
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: inProd('db'),
      data: { password: base64('canary-hunter2'), user: base64('app') },
    },
  ],
  [
    'configmaps',
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: inProd('settings'),
      data: { contact: 'canary.person@example.com', mode: 'fast' },
    },
  ],
  [
    'deployments',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: inProd('web', { app: 'web' }),
      spec: { replicas: 2 },
      status: { replicas: 2 },
    },
  ],
]

/** Lines of every pod's log. */
export const LOG = [
  'GET /orders 200',
  'sent a receipt to canary.customer@example.com',
  'charged card 4111 1111 1111 1111',
  'GET /health 200',
]
