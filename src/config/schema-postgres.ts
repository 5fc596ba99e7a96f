import { z } from 'zod'
import { address } from '../document/units.ts'
import { environmentSource, fileSource } from './fields.ts'
import { commonFields, postgresTls } from './schema-common.ts'

const username = z.string().min(1).describe('The role that the gateway signs in as.')

function credential(base: string) {
  return z
    .discriminatedUnion('from', [
      z.strictObject({ username, ...environmentSource() }),
      z.strictObject({ username, ...fileSource(base) }),
      z.strictObject({
        username,
        from: z.literal('managed-identity'),
        clientId: z.string().min(1).exactOptional().describe('Of a user-assigned identity.'),
        scope: z
          .string()
          .min(1)
          .default('https://ossrdbms-aad.database.windows.net/.default')
          .describe('Scope of the token that becomes the password.'),
      }),
    ])
    .describe('How the gateway signs in to the target. Agents never receive it.')
}

/** `{agent}` is the only placeholder; PostgreSQL cuts names at 63 bytes, which could collide. */
const roleTemplate = z
  .string()
  .min(1)
  .max(63, 'must be at most 63 characters')
  .refine((text) => !/[{}]/.test(text.replaceAll('{agent}', '')), {
    error: '`{agent}` is the only placeholder',
  })
  .describe('Role that the target session takes on, such as `agent_{agent}`.')

/** A PostgreSQL server. */
export function postgresSchema(base: string) {
  return z.strictObject({
    type: z.literal('postgres'),
    ...commonFields('Unique; also the SNI label and database prefix that choose it.'),
    address: address('Where the target listens.'),
    database: z
      .string()
      .min(1)
      .exactOptional()
      .describe('The database, whatever the client asks. Without it, what the client asks.'),
    databases: z
      .array(z.string().min(1))
      .min(1, 'must have at least one entry')
      .exactOptional()
      .describe('Databases that a client may ask for. Without it, any.'),
    tls: postgresTls(base),
    role: roleTemplate.exactOptional(),
    credential: credential(base),
    auth: z
      .strictObject({
        md5: z.boolean().default(false).describe('Answer the weak md5 challenge of old targets.'),
      })
      .prefault({}),
  })
}
