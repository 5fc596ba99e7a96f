import type { Vocabulary } from '../policy/change/lint-actions.ts'
import * as azure from '../protocol/azure/words.ts'
import type { Verb } from '../protocol/kubernetes/request/verbs.ts'
import type { Action } from '../sql/actions.ts'
import { ACTIONS } from '../sql/actions.ts'

const POWERFUL_SQL: readonly Action[] = [
  'sql.alter.system',
  'sql.copy.file',
  'sql.copy.program',
  'sql.do',
  'sql.execute',
  'sql.grant',
  'sql.load',
  'sql.set.role',
]

const SQL: Vocabulary = { actions: Object.keys(ACTIONS), powerful: POWERFUL_SQL }

const VERBS: Readonly<Record<Verb, true>> = {
  get: true,
  list: true,
  watch: true,
  create: true,
  update: true,
  patch: true,
  delete: true,
  deletecollection: true,
}

/** Subresources of what every cluster has; other resources may have whatever they like. */
const SUBRESOURCES: Readonly<Record<string, readonly string[]>> = {
  apiservices: ['status'],
  certificatesigningrequests: ['approval', 'status'],
  cronjobs: ['status'],
  daemonsets: ['status'],
  deployments: ['scale', 'status'],
  horizontalpodautoscalers: ['status'],
  ingresses: ['status'],
  jobs: ['status'],
  namespaces: ['finalize', 'status'],
  nodes: ['proxy', 'status'],
  nonresource: ['get', 'post', 'put', 'patch', 'delete'],
  persistentvolumeclaims: ['status'],
  persistentvolumes: ['status'],
  poddisruptionbudgets: ['status'],
  pods: [
    'attach',
    'binding',
    'ephemeralcontainers',
    'eviction',
    'exec',
    'log',
    'portforward',
    'proxy',
    'resize',
    'status',
  ],
  replicasets: ['scale', 'status'],
  replicationcontrollers: ['scale', 'status'],
  resourcequotas: ['status'],
  serviceaccounts: ['token'],
  services: ['proxy', 'status'],
  statefulsets: ['scale', 'status'],
}

const KUBERNETES: Vocabulary = {
  actions: [
    ...Object.keys(VERBS).map((verb) => `k8s.${verb}`),
    'k8s.bind',
    'k8s.escalate',
    ...Object.entries(SUBRESOURCES).flatMap(([resource, names]) =>
      names.map((name) => `k8s.${resource}.${name}`),
    ),
  ],
  powerful: [
    'k8s.bind',
    'k8s.escalate',
    'k8s.certificatesigningrequests.approval',
    'k8s.nodes.proxy',
    'k8s.pods.attach',
    'k8s.pods.ephemeralcontainers',
    'k8s.pods.exec',
    'k8s.pods.portforward',
    'k8s.pods.proxy',
    'k8s.serviceaccounts.token',
    'k8s.services.proxy',
  ],
  /** `k8s.widgets.scale`, and not `k8s.pods.exce` nor `k8s.pod.exec`. */
  isForm(written) {
    const [, resource = ''] = /^k8s\.([a-z*][a-z0-9*-]*)\.[a-z*][a-z0-9*-]*$/.exec(written) ?? []
    const known = (name: string) => Object.hasOwn(SUBRESOURCES, name)
    return resource !== '' && !known(resource) && !known(`${resource}s`)
  },
}

/** Of vaults, which have no word beside the operation's own name. */
const VALUES_OF_SECRETS = [
  'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  'Microsoft.KeyVault/vaults/secrets/backup/action',
]

/** What the data planes and Resource Manager call operations: their form alone can be told. */
const AZURE: Vocabulary = {
  actions: [...Object.values(azure), ...VALUES_OF_SECRETS],
  powerful: [
    azure.SECRETS_READ,
    azure.ESCALATE,
    azure.UNLISTED,
    azure.REFERENCE,
    ...VALUES_OF_SECRETS,
  ],
  isForm: (written) =>
    /^[a-z0-9*]+(\.[a-z0-9*]+)*(\/[^/\s]+)*\/(read|write|delete|action|[^/\s*]*\*[^/\s]*)$/i.test(
      written,
    ),
  hint: (written) =>
    written.includes('/')
      ? 'operations of Azure are PROVIDER.NAME/TYPE and /read, /write, /delete or /action at the end'
      : undefined,
}

/** Every action that a policy can name. */
export const VOCABULARIES: readonly Vocabulary[] = [SQL, KUBERNETES, AZURE]
