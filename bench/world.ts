import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntraEmulator } from '../emulator/entra/server.ts'
import { startEntraEmulator } from '../emulator/entra/server.ts'
import type { PostgresServer } from '../test/support/postgres-server.ts'
import { startPostgres } from '../test/support/postgres-server.ts'
import type { Child } from './child.ts'
import { startProgram } from './child.ts'
import { AUDIENCE, PASSWORD_VARIABLE, writeGatewayFiles } from './gateway-files.ts'
import type { Peer } from './peer.ts'

/** A gateway in a process of its own, and the two ways through it. */
export interface BenchGateway {
  readonly child: Child
  readonly plain: Peer
  /** TLS on both legs. */
  readonly secure: Peer
  stop(): Promise<void>
}

export interface GatewayShape {
  readonly agents: number
  readonly policies: number
  /** Flags for Node, for profiles. */
  readonly flags?: readonly string[]
}

export interface World {
  readonly folder: string
  readonly server: PostgresServer
  readonly direct: Peer
  startGateway(shape: GatewayShape): Promise<BenchGateway>
  stop(): Promise<void>
}

/** Agents with a token of their own; see Peer. */
const SPEAKING_MAX = 60

export const USUAL: GatewayShape = { agents: 100, policies: 50 }

/** The server with its data, and an Entra; gateways and other peers are started on top. */
export async function startWorld(rows: number): Promise<World> {
  const server = await startPostgres({
    hba: 'trust',
    settings: {
      log_statement: 'none',
      shared_buffers: '512MB',
      max_connections: '1200',
      max_wal_size: '4GB',
      autovacuum: 'off',
    },
  })
  await fill(server, rows)
  const entra = await startEntraEmulator()
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-bench-'))
  await chmod(folder, 0o755)
  return {
    folder,
    server,
    direct: { name: 'direct', port: server.port, user: server.user, database: server.database },
    startGateway: (shape) => startGateway(folder, server, entra, shape),
    async stop() {
      await entra.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** pgbench's accounts, and two like tables of which one has a masked column. */
async function fill(server: PostgresServer, rows: number): Promise<void> {
  await server.adminQuery(`
    CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));
    INSERT INTO pgbench_accounts SELECT n, 1, 0, '' FROM generate_series(1, 100000) AS n;
    CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));
    INSERT INTO pgbench_branches VALUES (1, 0, '');
    CREATE TABLE plain_rows (id int, name text, email text, note text);
    INSERT INTO plain_rows SELECT n, 'Name ' || n, 'user' || n || '@example.com', md5(n::text)
      FROM generate_series(1, ${rows}) AS n;
    CREATE TABLE masked_rows AS SELECT * FROM plain_rows;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${server.user};
  `)
  await server.adminQuery('VACUUM ANALYZE')
}

async function startGateway(
  worldFolder: string,
  server: PostgresServer,
  entra: EntraEmulator,
  { agents, policies, flags = [] }: GatewayShape,
): Promise<BenchGateway> {
  const folder = await mkdtemp(join(worldFolder, 'gateway-'))
  const speaking = Array.from({ length: Math.min(agents, SPEAKING_MAX) }, (_, index) =>
    entra.addApp({ name: `etl-${index + 1}` }),
  )
  const config = await writeGatewayFiles({ folder, server, entra, agents, policies, speaking })
  const program = join(import.meta.dirname, 'gateway.ts')
  const { child, said } = await startProgram([process.execPath, ...flags, program, config], {
    [PASSWORD_VARIABLE]: server.password,
  })
  const tokens = await Promise.all(
    speaking.map(({ objectId, clientId: appId }) =>
      entra.issueToken({ kind: 'app', audience: AUDIENCE, objectId, appId }),
    ),
  )
  const { postgresPort, authorityFile: caFile } = said as {
    readonly postgresPort: number
    readonly authorityFile: string
  }
  const way = { port: postgresPort, user: 'agent', tokens, pid: child.pid }
  return {
    child,
    plain: { ...way, name: 'chaperone', database: `plain/${server.database}` },
    secure: { ...way, name: 'chaperone, TLS', database: `secure/${server.database}`, caFile },
    stop: () => child.stop(),
  }
}
