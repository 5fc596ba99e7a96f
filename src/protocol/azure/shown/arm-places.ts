/**
 * Where bodies of Resource Manager hold secrets, by the schemas of Azure's resource providers: the type of the
 * resource, and the field. `*` stands for one field, `**` for all that is inside, `/` for the body where it has no `properties`; lists have
 * no place of their own. Written by hand from Azure's published reference; docs/azure.md says what it is for. Whoever finds a
 * place that is missing hides it with a mask and tells us.
 */
const BY_TYPE = `
microsoft.aad/domainservices: ldapssettings.pfxcertificate, ldapssettings.pfxcertificatepassword, resourceforestsettings.settings.trustpassword
microsoft.apimanagement/service: hostnameconfigurations.encodedcertificate, hostnameconfigurations.certificatepassword, certificates.encodedcertificate, certificates.certificatepassword
microsoft.apimanagement/service/backends: credentials.authorization.parameter, credentials.header.**, credentials.query.**, proxy.password
microsoft.apimanagement/service/certificates: data
microsoft.apimanagement/service/loggers: credentials.**
microsoft.apimanagement/service/namedvalues: value
microsoft.app/containerapps: configuration.secrets.value
microsoft.app/jobs: configuration.secrets.value
microsoft.app/managedenvironments: applogsconfiguration.loganalyticsconfiguration.sharedkey, customdomainconfiguration.certificatepassword, customdomainconfiguration.certificatevalue
microsoft.app/managedenvironments/certificates: value
microsoft.app/managedenvironments/daprcomponents: secrets.value
microsoft.app/managedenvironments/storages: azurefile.accountkey
microsoft.automation/automationaccounts/connections: fielddefinitionvalues.**
microsoft.automation/automationaccounts/variables: value
microsoft.automation/automationaccounts/webhooks: uri
microsoft.batch/batchaccounts/certificates: data
microsoft.batch/batchaccounts/pools: useraccounts.password, useraccounts.linuxuserconfiguration.sshprivatekey, mountconfiguration.*.accountkey, mountconfiguration.*.saskey, mountconfiguration.*.password, deploymentconfiguration.virtualmachineconfiguration.containerconfiguration.containerregistries.password
microsoft.botservice/botservices/channels: properties.**
microsoft.botservice/botservices/connections: parameters.value
microsoft.cognitiveservices/accounts/connections: credentials.**
microsoft.cognitiveservices/accounts/projects/connections: credentials.**
microsoft.compute/virtualmachines: osprofile.windowsconfiguration.additionalunattendcontent.content
microsoft.compute/virtualmachines/extensions: protectedsettings.**
microsoft.compute/virtualmachines/runcommands: protectedparameters.value
microsoft.compute/virtualmachinescalesets: virtualmachineprofile.osprofile.adminpassword, virtualmachineprofile.extensionprofile.extensions.properties.protectedsettings.**
microsoft.compute/virtualmachinescalesets/extensions: protectedsettings.**
microsoft.compute/virtualmachinescalesets/virtualmachines/extensions: protectedsettings.**
microsoft.compute/virtualmachinescalesets/virtualmachines/runcommands: protectedparameters.value
microsoft.containerinstance/containergroups: containers.properties.environmentvariables.securevalue, initcontainers.properties.environmentvariables.securevalue, imageregistrycredentials.password, volumes.azurefile.storageaccountkey, volumes.secret.**, diagnostics.loganalytics.workspacekey
microsoft.containerregistry/registries/tasks: credentials.customregistries.*.password.**, step.values.value
microsoft.containerregistry/registries/webhooks: customheaders.**
microsoft.containerservice/managedclusters: serviceprincipalprofile.secret, windowsprofile.adminpassword, aadprofile.serverappsecret
microsoft.datafactory/factories/integrationruntimes: typeproperties.ssisproperties.cataloginfo.catalogadminpassword.**, typeproperties.ssisproperties.customsetupscriptproperties.sastoken.**, typeproperties.linkedinfo.key.**
microsoft.datafactory/factories/linkedservices: typeproperties.**
microsoft.devices/iothubs: authorizationpolicies.primarykey, authorizationpolicies.secondarykey, routing.endpoints.*.connectionstring, storageendpoints.*.connectionstring
microsoft.devices/provisioningservices: iothubs.connectionstring, authorizationpolicies.primarykey, authorizationpolicies.secondarykey
microsoft.devtestlab/labs/users/secrets: value
microsoft.eventgrid/eventsubscriptions: destination.properties.endpointurl, destination.properties.deliveryattributemappings.properties.value
microsoft.hdinsight/clusters: clusterdefinition.configurations.**, computeprofile.roles.osprofile.linuxoperatingsystemprofile.password, storageprofile.storageaccounts.key, securityprofile.domainuserpassword
microsoft.hybridcompute/machines/extensions: protectedsettings.**
microsoft.hybridcompute/machines/runcommands: protectedparameters.value
microsoft.keyvault/vaults/secrets: value
microsoft.kubernetesconfiguration/extensions: configurationprotectedsettings.**
microsoft.kubernetesconfiguration/fluxconfigurations: configurationprotectedsettings.**, bucket.accesskey, azureblob.accountkey, azureblob.sastoken, azureblob.serviceprincipal.clientsecret, azureblob.serviceprincipal.clientcertificate
microsoft.kubernetesconfiguration/sourcecontrolconfigurations: configurationprotectedsettings.**
microsoft.machinelearningservices/workspaces/computes: properties.administratoraccount.password, properties.useraccountcredentials.adminuserpassword
microsoft.machinelearningservices/workspaces/connections: credentials.**
microsoft.machinelearningservices/workspaces/datastores: credentials.**
microsoft.netapp/netappaccounts: activedirectories.password
microsoft.network/applicationgateways: sslcertificates.properties.data, sslcertificates.properties.password
microsoft.network/connections/sharedkey: /.value
microsoft.network/expressroutecircuits: authorizations.properties.authorizationkey, peerings.properties.sharedkey
microsoft.network/virtualnetworkgateways: vpnclientconfiguration.radiusserversecret, vpnclientconfiguration.radiusservers.radiusserversecret
microsoft.network/vpngateways: connections.properties.sharedkey, connections.properties.vpnlinkconnections.properties.sharedkey
microsoft.network/vpngateways/vpnconnections: vpnlinkconnections.properties.sharedkey
microsoft.network/vpnserverconfigurations: radiusservers.radiusserversecret
microsoft.operationalinsights/workspaces/storageinsightconfigs: storageaccount.key
microsoft.resources/deploymentscripts: environmentvariables.securevalue, storageaccountsettings.storageaccountkey
microsoft.sqlvirtualmachine/sqlvirtualmachines: serverconfigurationsmanagementsettings.sqlconnectivityupdatesettings.sqlauthupdatepassword, keyvaultcredentialsettings.serviceprincipalsecret, autobackupsettings.password, autobackupsettings.storageaccesskey, wsfcdomaincredentials.clusterbootstrapaccountpassword, wsfcdomaincredentials.clusteroperatoraccountpassword, wsfcdomaincredentials.sqlserviceaccountpassword
microsoft.streamanalytics/streamingjobs/functions: properties.binding.properties.apikey
microsoft.streamanalytics/streamingjobs/inputs: datasource.properties.sharedaccesspolicykey, datasource.properties.storageaccounts.accountkey, datasource.properties.password
microsoft.streamanalytics/streamingjobs/outputs: datasource.properties.sharedaccesspolicykey, datasource.properties.storageaccounts.accountkey, datasource.properties.accountkey, datasource.properties.password, datasource.properties.apikey, datasource.properties.refreshtoken
microsoft.synapse/workspaces/linkedservices: typeproperties.**
microsoft.web/connections: parametervalues.**, customparametervalues.**, parametervalueset.values.*.value
microsoft.web/sites: siteconfig.appsettings.value, siteconfig.connectionstrings.connectionstring, siteconfig.azurestorageaccounts.*.accesskey
microsoft.web/sites/config: appsettings.value, connectionstrings.connectionstring, azurestorageaccounts.*.accesskey
microsoft.web/sites/config/appsettings: **
microsoft.web/sites/config/azurestorageaccounts: *.accesskey
microsoft.web/sites/config/backup: databases.connectionstring
microsoft.web/sites/config/connectionstrings: **
microsoft.web/sites/functions/keys: value
microsoft.web/sites/host/functionkeys: value
microsoft.web/sites/host/systemkeys: value
microsoft.web/sites/hybridconnectionnamespaces/relays: sendkeyvalue
microsoft.web/staticsites/config/appsettings: **
microsoft.web/staticsites/config/functionappsettings: **
`

/** Of every type: fields that mean the same wherever a provider has them. */
const OF_ALL = 'osprofile.adminpassword, credentials.password'

/**
 * Fields that stand directly in `properties`, or in the body of an action: their names are the provider's, since
 * what it does not know does nothing.
 */
const PLAIN_SECRET =
  /(password|passphrase|secret|sharedkey|accesskey|accountkey|storagekey|apikey|primarykey|secondarykey|sas(token|uri|url)|(access|refresh|security)token|connectionstring|authorizationkey|privatekey|serviceprincipalkey|encryptedcredential)$|^(pwd|passwd|token|pfxblob|base64value)$/

type Place = readonly string[]

const PLACES: ReadonlyMap<string, readonly Place[]> = new Map(
  BY_TYPE.trim()
    .split('\n')
    .map((line) => {
      const [type = '', places = ''] = line.split(': ')
      return [type, placesIn(places)] as const
    }),
)
const PLACES_OF_ALL = placesIn(OF_ALL)

function placesIn(text: string): readonly Place[] {
  return text.split(', ').map((place) => place.split('.'))
}

/**
 * Whether a field of a resource's body is a secret. `type` is without names (`Microsoft.Web/sites`), slots of a
 * site are sites; `name` is the resource's own, absent where an expression makes it: it may then be any.
 */
export function isSecretField(type: string, name: string | undefined, path: Place): boolean {
  const small = path.map((one) => one.toLowerCase())
  const isInside = small[0] === 'properties'
  const inside = isInside ? small.slice(1) : ['/', ...small]
  if (small.length === (isInside ? 2 : 1) && PLAIN_SECRET.test(small.at(-1)!)) return true
  const own = type.toLowerCase().replace('/sites/slots', '/sites')
  return placesOf(own, name?.toLowerCase()).some((place) => isAt(inside, place))
}

/** Some settings are resources by their name: `Microsoft.Web/sites/config` called `appsettings`. */
function placesOf(type: string, name: string | undefined): readonly Place[] {
  const places = [...(PLACES.get(type) ?? []), ...PLACES_OF_ALL]
  if (name !== undefined) return [...places, ...(PLACES.get(`${type}/${name}`) ?? [])]
  const named = [...PLACES].filter(
    ([one]) => one.startsWith(`${type}/`) && type.endsWith('/config'),
  )
  return [...places, ...named.flatMap(([, some]) => some)]
}

function isAt(path: Place, place: Place): boolean {
  if (path[0] === '/' && place[0] !== '/') return false
  const whole = place.at(-1) === '**'
  if (whole ? path.length < place.length : path.length !== place.length) return false
  return place.every((name, at) => name === '**' || name === '*' || name === path[at])
}
