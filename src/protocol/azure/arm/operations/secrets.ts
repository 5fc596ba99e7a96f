/** Words in the verb of a POST whose answer is a secret, a signed URL, or something that opens doors. */
const SECRET_VERB = new RegExp(
  [
    'keys?$',
    'keyvalue',
    'secret',
    'keypair',
    'accesscode',
    'accessdetails',
    'installdetails',
    'loglink',
    'download',
    'capabilityimage',
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
    'Microsoft.Devices/iotHubs/exportDevices/action',
    'Microsoft.HDInsight/clusters/configurations/action',
    'Microsoft.Web/sites/hostruntime/host/action',
    'Microsoft.Web/sites/backups/list/action',
    'Microsoft.Web/sites/slots/backups/list/action',
  ].map((action) => action.toLowerCase()),
)

/** Words at the end of a type whose things are secrets, or hold them. */
const SECRET_TYPE =
  /(?:keys?|secrets?|credentials?|tokens?|passwords?|passwordhashes|connectionstrings?|connectioninfo|listvalue|publishxml|kubeconfig|agentregistrationinformation|dump)$/

/** Types of such a name that tell names, places or public halves only, by Azure's reference. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(
  `
microsoft.automation/automationaccounts/credentials
microsoft.cdn/profiles/secrets
microsoft.compute/sshpublickeys
microsoft.containerregistry/registries/tokens
microsoft.datafactory/factories/credentials
microsoft.dbformariadb/servers/keys
microsoft.dbformysql/servers/keys
microsoft.dbforpostgresql/servers/keys
microsoft.insights/components/apikeys
microsoft.keyvault/managedhsms/keys
microsoft.keyvault/vaults/keys
microsoft.keyvault/vaults/secrets
microsoft.managedidentity/userassignedidentities/federatedidentitycredentials
microsoft.sql/managedinstances/keys
microsoft.sql/servers/jobagents/credentials
microsoft.sql/servers/keys
microsoft.storagesync/storagesyncservices/syncgroups/cloudendpoints/afssharemetadatacertificatepublickeys
microsoft.synapse/workspaces/keys
`
    .trim()
    .split('\n'),
)

/**
 * Types whose name says nothing of the secrets that a read of them tells; of API Management those are the old
 * versions of the API, which whoever asks may choose.
 */
const SECRET_READS: readonly RegExp[] = [
  /^microsoft\.web\/.*\/(?:hostruntime|extensions|host)(?:\/|$)/,
  /^microsoft\.web\/.*publishingcredentials$/,
  /^microsoft\.web\/(?:sites|sites\/slots)\/(?:functions|hybridconnection)$/,
  /^microsoft\.web\/(?:sourcecontrols|publishingusers)$/,
  /^microsoft\.logic\/workflows\/(?:runs|triggers\/histories)(?:\/|$)/,
  /^microsoft\.appconfiguration\/configurationstores\/keyvalues$/,
  /^microsoft\.apimanagement\/service\/(?:tenant|properties|subscriptions|identityproviders|authorizationservers|openidconnectproviders|backends|loggers)$/,
  /^microsoft\.apimanagement\/service\/(?:users|products|workspaces)\/subscriptions$/,
  /^microsoft\.containerservice\/managedclusters\/accessprofiles$/,
  /^microsoft\.hdinsight\/clusters\/configurations$/,
  /^microsoft\.network\/expressroute(?:circuits|ports)(?:\/authorizations)?$/,
  /^microsoft\.avs\/privateclouds\/authorizations$/,
]

/**
 * Whether the answer of an operation is a secret. Errs towards yes: what is flagged without need can
 * be allowed by name, what is not flagged in error hands out a key.
 */
export function returnsSecret(action: string): boolean {
  const small = action.toLowerCase()
  const type = small.slice(0, small.lastIndexOf('/'))
  if (small.endsWith('/read')) return holdsSecret(type)
  if (!small.endsWith('/action')) return false
  const verb = type.slice(type.lastIndexOf('/') + 1)
  return SECRET_VERB.test(verb) || SECRET_ACTIONS.has(small) || listsSecrets(type, verb)
}

function holdsSecret(type: string): boolean {
  const own = type.replace(/\/versions$/, '')
  if (PLAIN_TYPES.has(own)) return false
  return SECRET_TYPE.test(own) || SECRET_READS.some((one) => one.test(own))
}

/** `accessKeys/list`. */
function listsSecrets(type: string, verb: string): boolean {
  return verb === 'list' && holdsSecret(type.slice(0, -'/list'.length))
}
