import { z } from 'zod'
import { duration } from '../document/units.ts'
import { environmentSource, fileSource, path, textOrList, url } from './fields.ts'

const HOUR_MS = 3_600_000
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const clientId = z.string().min(1).describe('Application (client) id.')

function graphCredential(base: string) {
  return z
    .discriminatedUnion('from', [
      z.strictObject({ ...environmentSource(), clientId }),
      z.strictObject({ ...fileSource(base), clientId }),
      z.strictObject({
        from: z.literal('managed-identity'),
        clientId: clientId.exactOptional(),
      }),
    ])
    .describe('How to ask Graph for groups that did not fit into a token. Its secret by reference.')
}

function entraProvider(base: string) {
  return z.strictObject({
    type: z.literal('entra'),
    tenant: z
      .string()
      .regex(GUID, 'must be the tenant id (a GUID), not a domain name')
      .transform((text) => text.toLowerCase())
      .describe('Tenant id.'),
    audience: textOrList('What `aud` of a token must be: the gateway application, never another.'),
    authority: url('Where the tenant publishes its keys.').default(
      'https://login.microsoftonline.com',
    ),
    graph: url('Microsoft Graph.').default('https://graph.microsoft.com'),
    graphCredential: graphCredential(base).exactOptional(),
    maxTokenAge: duration('Tokens issued longer ago are refused.', 60_000).prefault('24h'),
    requireIdtyp: z
      .boolean()
      .default(true)
      .describe('Whether an app token must say `idtyp=app`; see docs/identity.md.'),
    groupsFrom: z
      .enum(['token', 'graph'])
      .default('token')
      .describe('Take groups from the token, or always ask Graph.'),
    ca: path(
      base,
      'PEM file of the authority that signs the provider certificate.',
    ).exactOptional(),
  })
}

/** How to tell an agent's token from a person's. */
const kind = z
  .union([
    z.enum(['agent', 'human']),
    z.strictObject({
      claim: z.string().min(1),
      agent: z.array(z.string()).min(1).describe('Values that say agent.'),
      human: z.array(z.string()).default([]).describe('Values that say human.'),
    }),
  ])
  .default('agent')
  .describe('Whose tokens these are: all of one kind, or as a claim says.')

function oidcProvider(base: string) {
  const claim = z.string().min(1)
  return z.strictObject({
    type: z.literal('oidc'),
    issuer: url('The issuer, exactly as in `iss`.'),
    audience: textOrList('What `aud` of a token must be.'),
    tenant: z
      .string()
      .min(1)
      .exactOptional()
      .describe('What registered agents name as their tenant; without it, the issuer.'),
    jwksUri: url('Where the keys are, if not where discovery says.').exactOptional(),
    kind,
    claims: z
      .strictObject({
        objectId: claim.default('sub'),
        groups: claim.default('groups'),
        roles: claim.default('roles'),
        name: claim.default('name'),
      })
      .prefault({})
      .describe('Names of the claims that say who it is.'),
    maxTokenAge: duration('Tokens issued longer ago are refused.', 60_000).prefault('24h'),
    ca: path(
      base,
      'PEM file of the authority that signs the provider certificate.',
    ).exactOptional(),
  })
}

const granted = z
  .strictObject({
    groups: z.array(z.string().min(1)).default([]),
    roles: z.array(z.string().min(1)).default([]),
  })
  .prefault({})
  .describe('Group object ids and app roles, any of which gives this role. Empty: nobody.')

const humans = z
  .strictObject({
    clientId,
    scope: z.string().min(1).describe('Scope to ask for: `api://chaperone/.default`.'),
    roles: z
      .strictObject({ admin: granted, approver: granted, reviewer: granted, auditor: granted })
      .prefault({}),
  })
  .describe('Sign-in of people, with the first provider. Without it no person can sign in.')

/** Who vouches for agents and people, and what the gateway itself issues. */
export function identitySchema(base: string) {
  return z.strictObject({
    gateway: z
      .strictObject({
        issuer: z
          .string()
          .min(1)
          .default('urn:chaperone')
          .describe('`iss` of tokens that the gateway issues.'),
        ticketLifetime: duration('How long a session ticket is good.', 60_000).prefault('1h'),
        tokenLifetime: duration('How long a gateway token is good.', 60_000).prefault('1h'),
      })
      .refine(
        (gateway) => Math.max(gateway.ticketLifetime, gateway.tokenLifetime) <= 24 * HOUR_MS,
        {
          error: 'what the gateway issues may live 24h at most',
        },
      )
      .prefault({}),
    providers: z
      .array(z.discriminatedUnion('type', [entraProvider(base), oidcProvider(base)]))
      .min(1, 'must have at least one provider'),
    humans: humans.exactOptional(),
  })
}
