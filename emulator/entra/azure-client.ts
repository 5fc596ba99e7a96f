import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity'

/**
 * Run as a program by azure-identity.test.ts, because trust (NODE_EXTRA_CA_CERTS) and managed
 * identities are set by the environment of a process. Prints the token that it got.
 */
const { AUTHORITY, TENANT, CLIENT_ID, CLIENT_SECRET, SCOPE = '' } = process.env

const credential =
  AUTHORITY === undefined
    ? new ManagedIdentityCredential()
    : new ClientSecretCredential(TENANT ?? '', CLIENT_ID ?? '', CLIENT_SECRET ?? '', {
        authorityHost: AUTHORITY,
        disableInstanceDiscovery: true,
      })

const { token } = await credential.getToken(SCOPE)
process.stdout.write(token)
