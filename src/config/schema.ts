import { z } from 'zod'
import { duration, size } from '../document/units.ts'
import { path, secretReference, url } from './fields.ts'
import { DRAIN_MS_MAX, LIMIT_DEFAULTS } from './limits.ts'
import { identitySchema } from './schema-identity.ts'
import { listenSchema } from './schema-listen.ts'
import { resourceSchema } from './schema-resource.ts'

const D = LIMIT_DEFAULTS

function count(description: string, byDefault: number) {
  return z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .default(byDefault)
    .describe(description)
}

const limits = z
  .strictObject({
    connectionsMax: count('Client connections at once.', D.connectionsMax),
    connectionsPerAddressMax: count('… of one address.', D.connectionsPerAddressMax),
    sessionsPerAgentMax: count('Sessions of one agent at once.', D.sessionsPerAgentMax),
    handshakeTimeout: duration('From connect to signed in.', 100).prefault(D.handshakeTimeout),
    targetConnectTimeout: duration('Connect and sign in to a target.', 100).prefault(
      D.targetConnectTimeout,
    ),
    failedSignInsPerMinute: count('… of one address.', D.failedSignInsPerMinute),
    signInsPerSecond: count('… of one agent; five times as many at once.', D.signInsPerSecond),
    statementBytesMax: size('One statement text.', 1024).prefault(D.statementBytesMax),
    messageBytesMax: size('One client message.', 65_536).prefault(D.messageBytesMax),
    bufferedBytesMax: size('Buffered in each direction.', 65_536).prefault(D.bufferedBytesMax),
    memoryMax: size('Held in memory for all agents together.', 16_777_216).prefault(D.memoryMax),
    memoryPerAgentMax: size('… for one agent.', 1_048_576).prefault(D.memoryPerAgentMax),
    preparedStatementsPerSessionMax: count(
      'Named prepared statements of one session.',
      D.preparedStatementsPerSessionMax,
    ),
    statementCacheEntriesMax: count('Classified statements kept.', D.statementCacheEntriesMax),
    statementCacheBytesMax: size('Their texts, and what was read in them.', 1024).prefault(
      D.statementCacheBytesMax,
    ),
    holdsPerAgentMax: count('Held operations of one agent at once.', D.holdsPerAgentMax),
    recordTextBytesMax: size('Statement text in one record.', 256).prefault(D.recordTextBytesMax),
    recordBurstPerAgent: size('Records of one agent at once.', 65_536).prefault(
      D.recordBurstPerAgent,
    ),
    recordBytesPerAgentPerSecond: size('… and each second.', 1024).prefault(
      D.recordBytesPerAgentPerSecond,
    ),
    apiBodyBytesMax: size('One API request.', 1024).prefault(D.apiBodyBytesMax),
    drainTimeout: duration('For running operations to end at a stop.')
      .refine((value_ms) => value_ms <= DRAIN_MS_MAX, { error: 'must be at most 10m' })
      .prefault(D.drainTimeout),
  })
  .prefault({})

function approvalsSchema(base: string) {
  return z
    .strictObject({
      webhooks: z
        .array(
          z.strictObject({
            url: url('Where to POST; https, or http on this machine.'),
            secret: secretReference(base, 'Signing secret of the Standard Webhooks scheme.'),
            includeText: z
              .boolean()
              .default(false)
              .describe('Send the statement text too; it may hold personal data.'),
          }),
        )
        .default([]),
    })
    .prefault({})
}

function recordsSchema(base: string) {
  return z
    .strictObject({
      folder: path(base, 'Where records are kept.').prefault('records'),
      sync: z
        .enum(['none', 'commit'])
        .default('none')
        .describe(
          '`commit`: on the disk before an operation is forwarded; survives power failure.',
        ),
      freeBytesMin: size('Refuse operations when the disk has less.').prefault('256MiB'),
      segmentBytes: size('A segment file is closed at this size.', 65_536).prefault('64MiB'),
    })
    .prefault({})
}

/** The whole configuration file. `base` is the folder that relative paths start from. */
export function configSchema(base: string) {
  return z.strictObject({
    listen: listenSchema(base),
    identity: identitySchema(base),
    agents: z
      .strictObject({ files: z.array(path(base, 'A file of agents.')).default([]) })
      .prefault({})
      .describe('Agents that are kept in files, beside those registered through the API.'),
    resources: z.array(resourceSchema(base)).min(1, 'must have at least one resource'),
    policies: z
      .strictObject({ folder: path(base, 'Folder of policy files.').prefault('policies') })
      .prefault({}),
    records: recordsSchema(base),
    state: z
      .strictObject({
        file: path(base, 'SQLite file: agents, tickets, approvals.').prefault('state.sqlite'),
      })
      .prefault({}),
    mask: z
      .strictObject({
        hashKey: secretReference(base, 'Key of the `hash` masker.').exactOptional(),
      })
      .prefault({}),
    approvals: approvalsSchema(base),
    limits,
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
        format: z.enum(['json', 'text']).default('json'),
      })
      .prefault({}),
  })
}

/** What the rest of the gateway is wired from: durations in milliseconds, sizes in bytes, paths absolute. */
export type Config = z.output<ReturnType<typeof configSchema>>
export type ResourceConfig = Config['resources'][number]
/** The settings of one type of resource. */
export type ResourceConfigOf<T extends ResourceConfig['type']> = Extract<
  ResourceConfig,
  { readonly type: T }
>
export type ProviderConfig = Config['identity']['providers'][number]
export type SecretReference = NonNullable<Config['mask']['hashKey']>
