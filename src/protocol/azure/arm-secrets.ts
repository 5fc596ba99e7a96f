/** Words in the verb of a POST whose answer is a secret, a signed URL, or something that opens doors. */
const SECRET_VERB = new RegExp(
  [
    'keys?$',
    'keyvalue',
    'secret',
    'credential',
    'token',
    'sas(url)?$',
    'password',
    'passphrase',
    'connectionstring',
    'connectioninfo',
    'kubeconfig',
    'publishxml',
    'callback',
    '(url|uri)$',
    'getaccess',
    'dataplaneaccess',
    'bypasscode',
    'securitypin',
    'rdpfile',
    'loginlinks',
    'sso',
    'vpnprofile',
    'vpnclientpackage',
    'wallet',
    'certificate',
    'configurationscript',
    'activationlinks',
    'bootdiagnosticsdata',
    'listvalue',
    'exportsecrets',
  ].join('|'),
)

/** POSTs whose verb says nothing of it. */
const SECRET_ACTIONS: ReadonlySet<string> = new Set(
  [
    'Microsoft.Web/sites/config/list/action',
    'Microsoft.Web/sites/slots/config/list/action',
    'Microsoft.Web/staticSites/functions/list/action',
    'Microsoft.Web/staticSites/listAppSettings/action',
    'Microsoft.Web/staticSites/listFunctionAppSettings/action',
    'Microsoft.DocumentDB/databaseAccounts/readonlykeys/action',
    'Microsoft.ServiceBus/namespaces/authorizationRules/action',
    'Microsoft.EventHub/namespaces/authorizationRules/action',
    'Microsoft.NotificationHubs/namespaces/authorizationRules/action',
    'Microsoft.Cdn/profiles/getSupportedOptimizationTypes/action',
    'Microsoft.Compute/disks/beginGetAccess/action',
    'Microsoft.Compute/snapshots/beginGetAccess/action',
    'Microsoft.Compute/restorePointCollections/restorePoints/retrieveSasUris/action',
    'Microsoft.OperationalInsights/workspaces/sharedKeys/action',
    'Microsoft.Relay/namespaces/authorizationRules/action',
    'Microsoft.Automation/automationAccounts/listKeys/action',
    'Microsoft.Sql/servers/databases/export/action',
    'Microsoft.ContainerService/managedClusters/accessProfiles/listCredential/action',
    'Microsoft.PowerBIDedicated/capacities/getEntityToken/action',
  ].map((action) => action.toLowerCase()),
)

/** Reads whose answer holds secrets in clear. */
const SECRET_READS: readonly RegExp[] = [
  /\/listkeys\/read$/,
  /\/readonlykeys\/read$/,
  /^microsoft\.mixedreality\/[^/]+\/keys\/read$/,
  /^microsoft\.network\/connections\/sharedkey\/read$/,
  /^microsoft\.devtestlab\/labs\/users\/secrets\/read$/,
  /^microsoft\.iotfirmwaredefense\/.*\/(cryptokeys|passwordhashes)\/read$/,
  /^microsoft\.logic\/workflows\/accesskeys\/read$/,
  /^microsoft\.appconfiguration\/configurationstores\/keyvalues\/read$/,
  /^microsoft\.apimanagement\/service\/(namedvalues|tenant|subscriptions|users)\/(listvalue|listsecrets)\/read$/,
  /^microsoft\.web\/(sites|sites\/slots)\/(publishxml|host|functions)\/(keys|listkeys|read)$/,
  /^microsoft\.web\/.*publishingcredentials\/read$/,
  /^microsoft\.web\/sourcecontrols\/read$/,
  /^microsoft\.web\/publishingusers\/read$/,
  /^microsoft\.containerservice\/managedclusters\/accessprofiles\/read$/,
  /^microsoft\.automation\/automationaccounts\/agentregistrationinformation\/read$/,
]

/**
 * Whether the answer of an operation is a secret. Errs towards yes: what is flagged without need can
 * be allowed by name, what is not flagged in error hands out a key.
 */
export function returnsSecret(action: string): boolean {
  const small = action.toLowerCase()
  if (small.endsWith('/read')) return SECRET_READS.some((one) => one.test(small))
  if (!small.endsWith('/action')) return false
  const verb = small.slice(0, -'/action'.length).replace(/^.*\//, '')
  return SECRET_VERB.test(verb) || SECRET_ACTIONS.has(small)
}
