import { ResourceManagementClient } from '@azure/arm-resources'
import { ClientAssertionCredential, ManagedIdentityCredential } from '@azure/identity'

/**
 * Run as a program by sdk.test.ts, because trust (NODE_EXTRA_CA_CERTS) and managed identities are set
 * by the environment of a process. Prints what it did, as JSON.
 */
const {
  AUTHORITY,
  TENANT = '',
  CLIENT_ID = '',
  ASSERTION = '',
  ENDPOINT = '',
  SUBSCRIPTION = '',
} = process.env

const credential =
  AUTHORITY === undefined
    ? new ManagedIdentityCredential()
    : new ClientAssertionCredential(TENANT, CLIENT_ID, () => Promise.resolve(ASSERTION), {
        authorityHost: AUTHORITY,
        disableInstanceDiscovery: true,
      })
const client = new ResourceManagementClient(credential, SUBSCRIPTION, {
  endpoint: ENDPOINT,
  retryOptions: { maxRetries: 0 },
})

const names: (string | undefined)[] = []
for await (const group of client.resourceGroups.list()) names.push(group.name)
await client.resourceGroups.createOrUpdate('made', { location: 'westeurope' })
await client.resourceGroups.beginDeleteAndWait('made', { updateIntervalInMs: 50 })
const refusal = await client.resourceGroups.beginDeleteAndWait('kept').then(
  () => 'deleted',
  (error: unknown) => (error as { code?: string }).code,
)
process.stdout.write(JSON.stringify({ names, refusal }))
