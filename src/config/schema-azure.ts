import { z } from 'zod'
import { address, parseAddress } from '../document/units.ts'
import { environmentSource, fileSource } from './fields.ts'
import { bearerSources, commonFields, hosts, httpTls } from './schema-common.ts'

const CHOOSES = 'Unique; also the host label and path prefix that choose it.'
const SIGNS_IN = 'How the gateway signs in to the service. Agents never receive it.'

/** Azure Resource Manager. */
export function armSchema(base: string) {
  return z.strictObject({
    type: z.literal('azure-arm'),
    ...commonFields(CHOOSES),
    address: address('Where it listens.').prefault('management.azure.com:443'),
    hosts,
    tls: httpTls(base),
    credential: z
      .discriminatedUnion('from', bearerSources(base, 'https://management.azure.com/.default'))
      .describe(SIGNS_IN),
    subscriptions: z
      .array(z.string().min(1))
      .min(1, 'must have at least one entry')
      .exactOptional()
      .describe('Subscriptions that requests may name. Without it, any.'),
  })
}

/** Microsoft Graph. */
export function graphSchema(base: string) {
  return z.strictObject({
    type: z.literal('microsoft-graph'),
    ...commonFields(CHOOSES),
    address: address('Where it listens.').prefault('graph.microsoft.com:443'),
    hosts,
    tls: httpTls(base),
    credential: z
      .discriminatedUnion('from', bearerSources(base, 'https://graph.microsoft.com/.default'))
      .describe(SIGNS_IN),
  })
}

export interface Endpoint {
  readonly host: string
  readonly port: number
  /** Of emulators, which have the account in the path: `/devstoreaccount1`. Else empty. */
  readonly prefix: string
}

function parseEndpoint(text: string): Endpoint | undefined {
  const [, written, prefix = ''] = /^([^/]+)(\/[a-z0-9-]+)?$/.exec(text) ?? []
  const parsed = written === undefined ? undefined : parseAddress(written)
  return parsed === undefined ? undefined : { ...parsed, prefix }
}

function endpoint(description: string) {
  const words = 'must be host:port or host:port/ACCOUNT'
  return z
    .string(words)
    .transform((text, context): Endpoint => {
      const value = parseEndpoint(text)
      if (value !== undefined) return value
      context.addIssue(words)
      return z.NEVER
    })
    .describe(description)
}

const service = z
  .strictObject({
    address: endpoint(
      'Where it listens: host:port, and /ACCOUNT where it has path-style addresses.',
    ).exactOptional(),
    hosts,
  })
  .prefault({})

const sharedKey = { kind: z.literal('shared-key').describe('One of the keys of the account.') }

/** The blobs, queues and tables of one storage account. */
export function storageSchema(base: string) {
  const bearer = bearerSources(base, 'https://storage.azure.com/.default')
  return z
    .strictObject({
      type: z.literal('azure-storage'),
      ...commonFields(CHOOSES),
      account: z
        .string()
        .regex(/^[a-z0-9]{3,24}$/, 'must be the name of a storage account')
        .describe('Name of the storage account.'),
      services: z
        .strictObject({ blob: service, queue: service, table: service })
        .prefault({})
        .describe('Where the services are, if not at ACCOUNT.SERVICE.core.windows.net.'),
      tls: httpTls(base),
      credential: z
        .union([
          z.discriminatedUnion('from', bearer),
          z.discriminatedUnion('from', [
            z.strictObject({ ...sharedKey, ...environmentSource() }),
            z.strictObject({ ...sharedKey, ...fileSource(base) }),
          ]),
        ])
        .describe(SIGNS_IN),
    })
    .transform((storage) => {
      const at = (name: 'blob' | 'queue' | 'table') => ({
        ...storage.services[name],
        address: storage.services[name].address ?? {
          host: `${storage.account}.${name}.core.windows.net`,
          port: HTTPS_PORT,
          prefix: '',
        },
      })
      return {
        ...storage,
        services: { blob: at('blob'), queue: at('queue'), table: at('table') },
      }
    })
}

const HTTPS_PORT = 443

/** A key vault's data plane. */
export function keyvaultSchema(base: string) {
  return z
    .strictObject({
      type: z.literal('azure-keyvault'),
      ...commonFields(CHOOSES),
      vault: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/, 'must be the name of a key vault')
        .describe('Name of the vault.'),
      address: address('Where it listens; VAULT.vault.azure.net:443 by default.').exactOptional(),
      hosts,
      tls: httpTls(base),
      credential: z
        .discriminatedUnion('from', bearerSources(base, 'https://vault.azure.net/.default'))
        .describe(SIGNS_IN),
    })
    .transform((vault) => ({
      ...vault,
      address: vault.address ?? { host: `${vault.vault}.vault.azure.net`, port: HTTPS_PORT },
    }))
}
