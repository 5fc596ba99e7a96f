import type { Attack } from './attacks.ts'

/** More ways around: other names of the same thing, and operations that do more than they say. */

const MINE = '/subscriptions/S/resourceGroups/mine'
const OTHER = '/subscriptions/S/resourceGroups/other'
const V = 'api-version=2024-03-01'
const STORE = `${MINE}/providers/Microsoft.Storage/storageAccounts/acme`
const STACK = `${MINE}/providers/Microsoft.Resources/deploymentStacks/s`
const DETACH = { resources: 'detach', resourceGroups: 'detach', managementGroups: 'detach' }

const NO_RULE = ['POLICY_NO_MATCH', 'POLICY_DENIED']
const UNREAD = ['REQUEST_UNSUPPORTED', 'PROTOCOL_VIOLATION', 'PROTOCOL_UNSUPPORTED', 'LINK_UNKNOWN']

const stack = (more: object, resources: readonly object[] = []) => ({
  properties: {
    template: { resources },
    actionOnUnmanage: DETACH,
    denySettings: { mode: 'none' },
    ...more,
  },
})

const STACKS: readonly Attack[] = [
  {
    what: 'a stack that deletes groups',
    line: `PUT ${STACK}?${V}`,
    body: stack({ actionOnUnmanage: { ...DETACH, resourceGroups: 'delete' } }),
    codes: NO_RULE,
  },
  {
    what: 'a stack that does not say what becomes of the rest',
    line: `PUT ${STACK}?${V}`,
    body: stack({ actionOnUnmanage: undefined }),
    codes: NO_RULE,
  },
  {
    what: 'a stack that denies others',
    line: `PUT ${STACK}?${V}`,
    body: stack({ denySettings: { mode: 'denyWriteAndDelete', excludedPrincipals: ['me'] } }),
    codes: NO_RULE,
  },
  {
    what: 'a stack that deploys elsewhere',
    line: `PUT ${STACK}?${V}`,
    body: stack({ deploymentScope: OTHER }, [
      { type: 'Microsoft.Storage/storageAccounts', name: 'x', apiVersion: 'x' },
    ]),
    codes: NO_RULE,
  },
  {
    what: 'a role in a stack',
    line: `PUT ${STACK}?${V}`,
    body: stack({}, [{ type: 'Microsoft.Authorization/roleAssignments', name: 'x' }]),
    codes: NO_RULE,
  },
  {
    what: 'a stack of a template spec',
    line: `PUT ${STACK}?${V}`,
    body: stack({
      template: undefined,
      templateLink: { id: `${OTHER}/providers/Microsoft.Resources/templateSpecs/x/versions/1` },
    }),
    codes: UNREAD,
  },
  {
    what: 'the end of a stack with all that is in it',
    line: `DELETE ${STACK}?${V}&unmanageAction.Resources=delete`,
    codes: NO_RULE,
  },
  {
    what: 'a what-if of a stack that is kept, and run later',
    line: `PUT ${STACK.replace('Stacks', 'StacksWhatIfResults')}?${V}`,
    body: stack({}),
    codes: UNREAD,
  },
  {
    what: 'running a kept what-if',
    line: `POST ${STACK.replace('Stacks', 'StacksWhatIfResults')}/whatIf?${V}`,
    codes: UNREAD,
  },
  {
    what: 'a script by itself',
    line: `PUT ${MINE}/providers/Microsoft.Resources/deploymentScripts/s?${V}`,
    body: { kind: 'AzureCLI', properties: { scriptContent: 'az role assignment create' } },
    codes: NO_RULE,
  },
  {
    what: 'a version of a template spec',
    line: `PUT ${MINE}/providers/Microsoft.Resources/templateSpecs/t/versions/1?${V}`,
    body: { properties: { mainTemplate: { resources: [] } } },
    codes: NO_RULE,
  },
  {
    what: 'the template of another group',
    line: `POST ${OTHER}/exportTemplate?${V}`,
    body: { resources: ['*'] },
    codes: NO_RULE,
  },
  {
    what: 'tags, which other rules may go by',
    line: `PATCH ${STORE}/providers/Microsoft.Resources/tags/default?${V}`,
    body: { operation: 'Merge', properties: { tags: { owner: 'me' } } },
    codes: NO_RULE,
  },
  {
    what: 'a move of a machine, which is its deletion',
    line: `POST ${MINE}/moveResources?${V}`,
    body: {
      targetResourceGroup: MINE,
      resources: [`${MINE}/providers/Microsoft.Compute/virtualMachines/vm1`],
    },
    codes: NO_RULE,
  },
]

const NAMES: readonly Attack[] = [
  {
    what: 'a group as a thing of a provider',
    line: `GET /subscriptions/S/providers/Microsoft.Resources/resourceGroups/mine?${V}`,
    codes: UNREAD,
  },
  {
    what: 'a subscription as a thing of a provider',
    line: `GET /providers/Microsoft.Resources/subscriptions/S/resourceGroups/mine?${V}`,
    codes: UNREAD,
  },
  {
    what: 'the same in the middle',
    line: `PUT /subscriptions/S/providers/microsoft.resources/RESOURCEGROUPS/other/providers/Microsoft.Storage/storageAccounts/x?${V}`,
    body: {},
    codes: UNREAD,
  },
  {
    what: 'a name with a letter that some take for another',
    line: `GET /subscriptions/S/resourceGroups/m%C4%B1ne?${V}`,
    codes: UNREAD,
  },
  { what: 'a slash at the end', line: `GET ${MINE}/?${V}`, codes: UNREAD },
  { what: 'a slash at the end of a write', line: `PUT ${STORE}/?${V}`, body: {}, codes: UNREAD },
  { what: 'a parameter in the path', line: `GET ${MINE};x=y?${V}`, codes: UNREAD },
  {
    what: 'a name that stands for all',
    line: `GET /subscriptions/S/resourceGroups/*?${V}`,
    codes: NO_RULE,
  },
  {
    what: 'a namespace in other letters',
    line: `PUT ${MINE}/PROVIDERS/MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/x?${V}`,
    body: {},
    codes: NO_RULE,
  },
  {
    what: 'a provider behind a provider without a thing',
    line: `PUT ${MINE}/providers/Microsoft.Storage/providers/Microsoft.Authorization/roleAssignments/x?${V}`,
    body: {},
    codes: [...NO_RULE, ...UNREAD],
  },
  {
    what: 'a token for another tenant',
    line: `GET ${MINE}?${V}`,
    headers: [['X-MS-Authorization-Auxiliary', 'Bearer x; Bearer y']],
    codes: ['REQUEST_SIGNED'],
  },
  {
    what: 'the state of an operation of a deployment',
    line: `GET /subscriptions/S/providers/Microsoft.Resources/locations/westeurope/deploymentOperationStatuses/abc?${V}`,
    codes: [...UNREAD, ...NO_RULE],
  },
  {
    what: 'an operation that somebody began, in another spelling',
    line: `GET /subscriptions/S/providers/Microsoft.Storage/locations/westeurope/AsyncOperations/abc?${V}`,
    codes: ['LINK_UNKNOWN'],
  },
  {
    what: 'the result of an operation, with a segment behind it',
    line: `GET /subscriptions/S/providers/Microsoft.Compute/locations/westeurope/operations/abc/results?${V}`,
    codes: [...UNREAD, ...NO_RULE],
  },
]

export const ATTACKS_BY_NAME: readonly Attack[] = [...STACKS, ...NAMES]
