import { z } from 'zod'
import { duration } from '../document/units.ts'
import { environmentSource, fileSource, name, path } from './fields.ts'

/** What every resource has, whatever its type. */
export function commonFields(nameMeans: string) {
  return {
    name: name.describe(nameMeans),
    labels: z.record(z.string().min(1), z.string()).default({}).describe('For policies to match.'),
    session: z
      .strictObject({
        max: duration('Longest life of a session.', 1000).prefault('8h'),
        idle: duration('A session without traffic ends after this.', 1000).prefault('30m'),
        bindToToken: z
          .boolean()
          .default(false)
          .describe('End a session when the token that opened it expires.'),
      })
      .prefault({}),
  }
}

const ca = (base: string) =>
  path(base, 'PEM file of trusted authorities; without it, the system ones.').exactOptional()
const serverName = z.string().min(1).describe('Name to verify, if not the host.').exactOptional()

export function postgresTls(base: string) {
  return z
    .strictObject({
      mode: z
        .enum(['verify-full', 'verify-ca', 'require', 'prefer', 'disable'])
        .default('verify-full')
        .describe('As `sslmode` of libpq.'),
      ca: ca(base),
      serverName,
    })
    .prefault({})
}

/** As for PostgreSQL, without `prefer`: HTTP has no plain text that turns into TLS. */
export function httpTls(base: string) {
  return z
    .strictObject({
      mode: z
        .enum(['verify-full', 'verify-ca', 'require', 'disable'])
        .default('verify-full')
        .describe('What is verified of the certificate. `disable` only on this machine.'),
      ca: ca(base),
      serverName,
    })
    .prefault({})
}

/** Names that choose a resource, beside its own. */
export const hosts = z
  .array(
    z
      .string()
      .regex(
        /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
        'must be a host name in lower case, without a port',
      ),
  )
  .min(1, 'must have at least one entry')
  .describe('Host names that choose it. Without them, any host whose first label is its name.')
  .exactOptional()

/** Where a bearer token for an HTTP target comes from. */
export function bearerSources(base: string, scope: string | undefined) {
  const text = z.string().min(1).describe('Scope of the token.')
  return [
    z.strictObject(environmentSource()),
    z.strictObject(fileSource(base)),
    z.strictObject({
      from: z.literal('managed-identity'),
      clientId: z.string().min(1).exactOptional().describe('Of a user-assigned identity.'),
      scope: scope === undefined ? text : text.default(scope),
    }),
  ] as const
}
