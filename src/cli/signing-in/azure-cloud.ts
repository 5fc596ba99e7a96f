/** What one resource is called and is. */
export interface NamedType {
  readonly name: string
  readonly type: string
}

export interface CloudPlaces {
  /** The gateway's API, which is the authority of its cloud: `https://gw.example:8443`. */
  readonly api: string
  /** Its door for HTTP: `https://gw.example:7443`. */
  readonly door: string
}

/** A cloud of the Azure CLI: `az cloud register --cloud-config`. */
export interface AzureCloud {
  readonly endpoints: Readonly<Record<string, string>>
  readonly suffixes: Readonly<Record<string, string>>
}

const OSS_DATABASES = 'https://ossrdbms-aad.database.windows.net'

/**
 * The cloud that the gateway is to the Azure CLI. What it has no resource for is left out, so that the
 * CLI says so instead of going to Azure with a token of the gateway's. The authority must end in
 * `/adfs`: the CLI's library then asks the authority itself and not Microsoft.
 */
export function azureCloud(
  { api, door }: CloudPlaces,
  resources: readonly NamedType[],
): AzureCloud {
  const at = (type: string) => {
    const found = resources.find((one) => one.type === type)
    return found === undefined ? undefined : `${door}/${found.name}`
  }
  const arm = at('azure-arm')
  const graph = at('microsoft-graph')
  const host = new URL(door).host
  const hasName = !/^\[|^\d+(\.\d+){3}(:|$)/.test(host)
  return {
    endpoints: known({
      activeDirectory: `${api}/adfs`,
      activeDirectoryResourceId: arm ?? `${api}/azure-arm`,
      resourceManager: arm,
      management: arm,
      microsoftGraphResourceId: graph,
      // Without it, older CLIs ask the door for endpoints, before they have a token.
      activeDirectoryGraphResourceId: graph ?? `${api}/microsoft-graph`,
      ossrdbmsResourceId: resources.some(({ type }) => type === 'postgres' || type === 'mysql')
        ? OSS_DATABASES
        : undefined,
    }),
    suffixes: known({
      storageEndpoint: hasName && at('azure-storage') !== undefined ? host : undefined,
      keyvaultDns: hasName && at('azure-keyvault') !== undefined ? `.vault.${host}` : undefined,
    }),
  }
}

function known(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** What a person types after the file was written. */
export function cloudCommands(name: string, file: string, caFile: string | undefined): string {
  const trust = caFile === undefined ? [] : [`export REQUESTS_CA_BUNDLE=${caFile}`]
  return [
    '# The Azure CLI as an agent, behind the gateway. Current versions:',
    ...trust,
    'export AZURE_CORE_INSTANCE_DISCOVERY=false',
    `az cloud register --name ${name} --cloud-config @${file} --skip-endpoint-discovery`,
    `az cloud set --name ${name}`,
    'az login --service-principal --username APP-ID --tenant TENANT-ID --federated-token "$TOKEN"',
    '',
    "# Older versions, such as Debian 12's 2.45, register without the last flag:",
    `#   az cloud register --name ${name} --cloud-config @${file}`,
    "# TOKEN is the agent's own Entra token for this gateway. A folder of its own for the CLI's",
    '# settings keeps other sign-ins apart: export AZURE_CONFIG_DIR=…',
    '',
  ].join('\n')
}
