/** A request that is named, or could be, by what it carries. */
export interface Carried {
  readonly target: string
  readonly type: string
  readonly body: Buffer
}

const CREATED: readonly (readonly [target: string, apiVersion: string, kind: string])[] = [
  ['/api/v1/namespaces/prod/configmaps', 'v1', 'ConfigMap'],
  ['/api/v1/namespaces/prod/configmaps/', 'v1', 'ConfigMap'],
  ['/api/v1/namespaces', 'v1', 'Namespace'],
  ['/api/v1/nodes', 'v1', 'Node'],
  ['/api/v1/namespaces/prod/bindings', 'v1', 'Binding'],
  ['/api/v1/namespaces/prod/pods/web/binding', 'v1', 'Binding'],
  ['/api/v1/namespaces/prod/pods/web/eviction', 'policy/v1', 'Eviction'],
  ['/apis/example.com/v1/namespaces/prod/widgets', 'example.com/v1', 'Widget'],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'rbac.authorization.k8s.io/v1',
    'ClusterRole',
  ],
]

/** What may stand for `metadata`, and more fields beside it. */
const METADATA: readonly string[] = [
  '"metadata":{"name":"a"}',
  '"metadata":{"name":"A B/../c"}',
  '"metadata":{"name":"\\u0061\\n"}',
  '"metadata":{"n\\u0061me":"a"}',
  '"metadata":{"name":""}',
  '"metadata":{"name":"","generateName":"a-"}',
  '"metadata":{"generateName":"a-"}',
  '"metadata":{"name":"a","generateName":"b-"}',
  '"metadata":{"name":null}',
  '"metadata":{"name":5}',
  '"metadata":{"name":["a"]}',
  '"metadata":{"Name":"a"}',
  '"metadata":{"NAME":"b","name":"a"}',
  '"metadata":{"name":"a","Name":"b"}',
  '"metadata":{"name":"*"}',
  '"metadata":{"name":"é"}',
  '"metadata":{"name":"\\ud83d\\ude00"}',
  '"metadata":{"name":"\\ud800"}',
  '"metadata":{"name":"a\\u0000b"}',
  '"metadata":{"name":" a "}',
  '"metadata":{"name":"a","name":"b"}',
  '"metadata":{"name":"a"},"metadata":{"name":"b"}',
  '"Metadata":{"name":"b"},"metadata":{"name":"a"}',
  '"metadata":{"name":"a"},"METADATA":{"name":"b"}',
  '"Metadata":{"name":"a"}',
  '"metadata":null',
  '"metadata":[]',
  '"metadata":{}',
  '"name":"a"',
  '"metadata.name":"a"',
  '"metadata":{"labels":{"name":"b"},"name":"a"}',
  '"metadata":{"__proto__":{"name":"b"}}',
  '"__proto__":{"metadata":{"name":"b"}}',
  '"metadata":{"name":"a","namespace":"other"}',
  '"metadata":{"name":"a"},"items":[{"metadata":{"name":"b"}}]',
  '"items":[{"metadata":{"name":"b"}}]',
]

/** How a body may be dressed, by a reader that is more lenient than JSON, or less. */
const DRESSED: readonly ((json: string) => string)[] = [
  (json) => `\n\t ${json} \r\n`,
  (json) => `\ufeff${json}`,
  (json) => `${json}${json}`,
  (json) => `${json}\n---\n${json.replaceAll('"a"', '"b"')}`,
  (json) => `---\n${json}`,
  (json) => `# a\n${json}`,
  (json) => json.replace(/\}$/, ',}'),
  (json) => json.replaceAll('"', "'"),
  (json) => json.replaceAll('"name"', 'name'),
  (json) => `[${json}]`,
  (json) => `{"kind":"List","apiVersion":"v1","items":[${json}]}`,
  () => '',
  () => 'null',
  () => '{}',
]

const JSON_TYPE = 'application/json'

/** Content types that say how a body is to be read. */
const TYPES: readonly string[] = [
  'application/json; charset=utf-8',
  'application/json;stream=watch',
  'APPLICATION/JSON',
  'application/apply-patch+yaml',
  'application/merge-patch+json',
  'application/yaml',
  'application/cbor',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  '*/*',
  '',
]

export function carriedRequests(): Carried[] {
  return CREATED.flatMap(([path, apiVersion, kind]) => {
    const start = `{"apiVersion":"${apiVersion}","kind":"${kind}"`
    const target = `${path}?dryRun=All`
    const plain = `${start},"metadata":{"name":"a"}}`
    const carried = (text: string, type = JSON_TYPE) => ({ target, type, body: Buffer.from(text) })
    return [
      ...METADATA.map((metadata) => carried(`${start},${metadata}}`)),
      ...METADATA.map((metadata) => carried(`{${metadata}}`)),
      ...DRESSED.map((dress) => carried(dress(plain))),
      ...TYPES.map((type) => carried(plain, type)),
    ]
  })
}
