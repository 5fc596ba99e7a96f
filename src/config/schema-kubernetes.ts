import { z } from 'zod'
import { address } from '../document/units.ts'
import { path } from './fields.ts'
import { bearerSources, commonFields, hosts, httpTls } from './schema-common.ts'

/** The scope of tokens for Azure's own Kubernetes service. */
const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default'

const impersonate = z
  .strictObject({
    user: z
      .string()
      .min(1)
      .default('chaperone:{agent}')
      .refine((text) => !/[{}]/.test(text.replaceAll('{agent}', '')), {
        error: '`{agent}` is the only placeholder',
      })
      .describe('User that the cluster sees; `{agent}` is the name of the agent.'),
    groups: z.array(z.string().min(1)).default([]).describe('Groups that the cluster sees.'),
  })
  .describe("The cluster judges and audits as this user, not as the gateway's own.")

/** A Kubernetes API server. */
export function kubernetesSchema(base: string) {
  return z.strictObject({
    type: z.literal('kubernetes'),
    ...commonFields('Unique; also the host label and path prefix that choose it.'),
    address: address('Where the API server listens.'),
    hosts,
    tls: httpTls(base),
    credential: z
      .discriminatedUnion('from', [
        ...bearerSources(base, AKS_SCOPE),
        z.strictObject({
          from: z.literal('client-certificate'),
          certificate: path(base, 'PEM file: the certificate and its chain.'),
          key: path(base, 'PEM file: the private key.'),
        }),
      ])
      .describe('How the gateway signs in to the cluster. Agents never receive it.'),
    impersonate: impersonate.exactOptional(),
  })
}
