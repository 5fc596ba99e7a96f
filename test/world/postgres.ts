import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import pg from 'pg'
import type { PostgresOptions, PostgresServer } from '../support/postgres-server.ts'
import { startPostgres } from '../support/postgres-server.ts'
import type { World, WorldOptions } from './world.ts'
import { startWorld } from './world.ts'

const PASSWORD = 'CHAPERONE_TEST_TARGET_PASSWORD'

export interface BenchOptions extends Omit<WorldOptions, 'resources' | 'secrets'> {
  /** SQL that the superuser runs before the gateway starts; `gateway` is the role of the target. */
  readonly schema: string
  readonly postgres?: PostgresOptions
  /** More YAML in the resource, or behind it; a function is told where the target is. */
  readonly resource?: string | ((server: PostgresServer) => string)
  /** Put between the gateway and its target. */
  readonly between?: (server: PostgresServer) => Promise<Between>
}

/** Something that the gateway takes for its target. */
export interface Between {
  readonly port: number
  close(): Promise<void>
}

/** A gateway before a real PostgreSQL server. */
export interface Bench extends World {
  readonly server: PostgresServer
  /** A node-postgres client, not connected yet. */
  client(options?: ClientOptions): Promise<pg.Client>
  /** Environment for libpq programs. */
  environment(agent?: string): Promise<Record<string, string>>
  /** Asks the API without a token. */
  get(path: string): Promise<{ readonly status: number }>
}

export interface ClientOptions extends pg.ClientConfig {
  readonly agent?: string
}

export async function startBench(options: BenchOptions): Promise<Bench> {
  const server = await startPostgres(options.postgres)
  try {
    const world = await startWorld({
      ...options,
      secrets: { [PASSWORD]: server.password },
      async resources({ onStop }) {
        onStop(() => server.stop())
        await server.adminQuery(options.schema)
        const between = await options.between?.(server)
        onStop(async () => between?.close())
        return resourceText(options, server, between?.port ?? server.port)
      },
    })
    return before(world, server)
  } catch (error) {
    await server.stop()
    throw error
  }
}

function resourceText({ resource }: BenchOptions, server: PostgresServer, port: number): string {
  const more = typeof resource === 'function' ? resource(server) : resource
  return `  - name: sales-db
    type: postgres
    address: ${server.host}:${port}
    database: ${server.database}
    tls: { mode: verify-full, ca: ${server.caFile} }
    credential: { username: ${server.user}, from: environment, variable: ${PASSWORD} }
${more ?? ''}`
}

function before(world: World, server: PostgresServer): Bench {
  const caFile = world.gateway.authorityFile!
  const own = {
    server,
    async client({ agent, ...config }: ClientOptions = {}) {
      return new pg.Client({
        host: '127.0.0.1',
        port: world.gateway.postgresPort,
        user: 'agent',
        database: server.database,
        password: await world.token(agent),
        ssl: { ca: readFileSync(caFile, 'utf8') },
        ...config,
      })
    },
    async environment(agent?: string) {
      return {
        PATH: process.env['PATH'] ?? '',
        PGHOST: '127.0.0.1',
        PGPORT: String(world.gateway.postgresPort),
        PGUSER: 'agent',
        PGDATABASE: server.database,
        PGSSLMODE: 'verify-full',
        PGSSLROOTCERT: caFile,
        PGCONNECT_TIMEOUT: '20',
        PGPASSWORD: await world.token(agent),
      }
    },
    get: (path: string) =>
      get(`https://127.0.0.1:${world.gateway.apiPort}${path}`, readFileSync(caFile)),
  }
  // Not a copy: the world's gateway changes when it is started again.
  return Object.assign(Object.create(world) as World, own)
}

async function get(url: string, ca: Buffer): Promise<{ readonly status: number }> {
  const asked = request(url, { ca, agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return { status: answer.statusCode ?? 0 }
}
