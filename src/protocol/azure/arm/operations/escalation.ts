/**
 * Operations that can give whoever does them, or somebody else, more than they have: access itself,
 * identities, code that runs with another's identity, and the guards around all that. By type; the
 * last word says which of its operations. Small letters; `*` stands for one or more words.
 */
const ESCALATIONS: readonly string[] = `
microsoft.authorization/* write delete action
microsoft.authorization write delete action
microsoft.resources/deploymentscripts write action
microsoft.resources/subscriptions write delete
microsoft.resources/tenants write action
microsoft.subscription/* write delete action
microsoft.management/managementgroups write delete
microsoft.management/managementgroups/subscriptions write delete
microsoft.management/managementgroups/settings write delete
microsoft.managedidentity/* write delete action
microsoft.managedservices/* write delete
microsoft.compute/virtualmachines/runcommand action
microsoft.compute/virtualmachines/runcommands write
microsoft.compute/virtualmachines/extensions write
microsoft.compute/virtualmachines/applications write
microsoft.compute/virtualmachinescalesets/runcommand action
microsoft.compute/virtualmachinescalesets/extensions write
microsoft.compute/virtualmachinescalesets/virtualmachines/runcommand action
microsoft.compute/virtualmachinescalesets/virtualmachines/runcommands write
microsoft.compute/virtualmachinescalesets/virtualmachines/extensions write
microsoft.compute/galleries/* write
microsoft.classiccompute/virtualmachines/extensions write
microsoft.hybridcompute/machines/runcommands write
microsoft.hybridcompute/machines/extensions write
microsoft.hybridcompute/machines/runcommand action
microsoft.hybridconnectivity/* write action
microsoft.serialconsole/* write action
microsoft.azurestackhci/clusters/arcsettings/extensions write
microsoft.kubernetesconfiguration/* write
microsoft.containerservice/managedclusters/runcommand action
microsoft.containerservice/managedclusters/trustedaccessrolebindings write
microsoft.containerservice/managedclusters/resetaadprofile action
microsoft.containerservice/managedclusters/resetserviceprincipalprofile action
microsoft.containerinstance/containergroups/containers/exec action
microsoft.containerinstance/containergroups/containers/attach action
microsoft.containerregistry/registries/tasks write
microsoft.containerregistry/registries/taskruns write
microsoft.containerregistry/registries/schedulerun action
microsoft.containerregistry/registries/runs write
microsoft.containerregistry/registries/tokens write
microsoft.containerregistry/registries/credentialsets write
microsoft.app/containerapps/exec action
microsoft.app/jobs/start action
microsoft.automation/automationaccounts/* write action
microsoft.automation/automationaccounts write
microsoft.logic/workflows write
microsoft.logic/workflows/* write
microsoft.datafactory/factories/* write
microsoft.synapse/workspaces/* write
microsoft.machinelearningservices/workspaces/* write
microsoft.devcenter/* write
microsoft.devtestlab/labs/* write action
microsoft.web/sites/extensions write action
microsoft.web/sites/extensions/* write action
microsoft.web/sites/config write
microsoft.web/sites/functions write delete
microsoft.web/sites/functions/keys write
microsoft.web/sites/host/* write
microsoft.web/sites/hostruntime/* write action
microsoft.web/sites/basicpublishingcredentialspolicies write
microsoft.web/sites/publish action
microsoft.web/sites/sourcecontrols write
microsoft.web/sites/slots/* write
microsoft.web/sites/networktrace action
microsoft.web/publishingusers write
microsoft.web/sourcecontrols write
microsoft.keyvault/vaults write
microsoft.keyvault/vaults/accesspolicies write
microsoft.keyvault/vaults/secrets write
microsoft.keyvault/managedhsms write
microsoft.keyvault/* action
microsoft.sql/servers/administrators write delete
microsoft.sql/servers/azureadonlyauthentications write delete
microsoft.sql/servers/jobagents/* write action
microsoft.sql/managedinstances/administrators write delete
microsoft.dbforpostgresql/flexibleservers/administrators write delete
microsoft.dbformysql/flexibleservers/administrators write delete
microsoft.documentdb/databaseaccounts/sqlroleassignments write delete
microsoft.documentdb/databaseaccounts/sqlroledefinitions write delete
microsoft.documentdb/databaseaccounts/mongodbuserdefinitions write
microsoft.documentdb/databaseaccounts/mongodbroledefinitions write
microsoft.kusto/clusters/principalassignments write
microsoft.kusto/clusters/databases/principalassignments write
microsoft.kusto/clusters/databases/scripts write
microsoft.storage/storageaccounts/localusers write
microsoft.cache/redis/accesspolicyassignments write
microsoft.batch/batchaccounts/pools write
microsoft.hdinsight/clusters/executescriptactions action
microsoft.apimanagement/service/users write
microsoft.apimanagement/service/users/token action
microsoft.apimanagement/service/tenant write
microsoft.aad/* write
microsoft.aadiam/* write delete action
microsoft.azureactivedirectory/* write
microsoft.billing/*/billingroleassignments write
microsoft.billing/*/createbillingroleassignment action
microsoft.billing/* action
microsoft.insights/diagnosticsettings write delete
microsoft.security/* write delete
microsoft.policyinsights/* write action
microsoft.blueprint/* write action
microsoft.solutions/* write
microsoft.customproviders/* write
microsoft.guestconfiguration/* write
microsoft.maintenance/configurationassignments write
microsoft.operationsmanagement/* write
microsoft.network/bastionhosts/createshareablelinks action
microsoft.network/networkwatchers/packetcaptures write
microsoft.virtualmachineimages/imagetemplates write
microsoft.chaos/* write action
microsoft.loadtestservice/loadtests write
`
  .trim()
  .split('\n')

const PATTERNS = ESCALATIONS.map((line) => {
  const [type = '', ...verbs] = line.split(' ')
  const source = type.replaceAll('.', '\\.').replaceAll('*', '.+')
  return { type: new RegExp(`^${source}$`), verbs: new Set(verbs) }
})

/**
 * Words at the end of a type that say the same wherever they stand: who may do what, what somebody is known by,
 * and code or a call that runs as somebody else. Any change of such a thing counts.
 */
const RISING_TYPE =
  /(?:roleassignments?|roledefinitions?|rolebindings?|roles|administrators?|principalassignments?|accesspolic(?:y|ies)|accesspolicyassignments|accesscontrolpolicies|permissionbindings?|permissions|authorizations?|authorizationrules?|authorizationservers?|authorizationproviders?|identityproviders?|openidconnectproviders?|authentications?|azureadonlyauthentications?|externalpolicybasedauthorizations?|jwtauthenticators?|credentials?|credentialsets|localusers?|userdefinitions?|users|keysets|runcommands?|scripts|scriptactions|scriptexecutions|deploymentscripts|extensions|siteextensions|webhooks|runbooks|runbookworkers|jobschedules|webjobs|federatedidentitycredentials|locks|denyassignments|jitrequests|consents|owners|invitations|tenants)$/

/** Verbs of the same kind. */
const RISING_VERB =
  /^(?:runcommand|exec|attach|elevateaccess|grantaccess|createinvitation|createrolebinding|deleterolebinding|assign[a-z]*admin|share|getaccess)$/

/** Types of such a name that are something else, by Azure's reference. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(
  `
microsoft.agfoodplatform/farmbeats/extensions
microsoft.awsconnector/iamroles
microsoft.awsconnector/s3accesscontrolpolicies
microsoft.databoxedge/databoxedgedevices/roles
microsoft.media/videoanalyzers/accesspolicies
microsoft.apimanagement/service/notifications/recipientusers
microsoft.apimanagement/service/workspaces/notifications/recipientusers
microsoft.appcomplianceautomation/reports/webhooks
microsoft.datareplication/replicationvaults/replicationextensions
microsoft.sql/servers/databases/extensions
`
    .trim()
    .split('\n'),
)

/** Whether an operation is one of those; `action` in any spelling. */
export function escalates(action: string): boolean {
  const small = action.toLowerCase()
  const slash = small.lastIndexOf('/')
  const type = small.slice(0, slash)
  const verb = small.slice(slash + 1)
  const changes = verb === 'write' || verb === 'delete'
  if (changes && RISING_TYPE.test(type) && !PLAIN_TYPES.has(type)) return true
  if (verb === 'action' && RISING_VERB.test(type.slice(type.lastIndexOf('/') + 1))) return true
  return PATTERNS.some((one) => one.verbs.has(verb) && one.type.test(type))
}
