import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

/** A small web shop's sales, invented. */
const DATA = `
  CREATE TABLE customers (
    id integer PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    card text NOT NULL,
    country text NOT NULL
  );
  INSERT INTO customers VALUES
    (1, 'Ada Brand',    'ada.brand@example.com',   '4111 1111 1111 1111', 'DE'),
    (2, 'Bo Nilsson',   'bo@nilsson.example',      '5500 0000 0000 0004', 'SE'),
    (3, 'Chidi Okafor', 'chidi.okafor@example.org', '3400 0000 0000 009',  'NG'),
    (4, 'Dana Petrova', 'dana@petrova.example',    '6011 0000 0000 0004', 'BG');
  CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric(10, 2) NOT NULL,
    status text NOT NULL,
    note text
  );
  INSERT INTO orders
    SELECT n, 1 + n % 4, (n * 37 % 500) + 0.99, CASE WHEN n % 10 = 0 THEN 'stuck' ELSE 'paid' END,
           CASE WHEN n = 7 THEN 'paid by card 4111 1111 1111 1111' END
    FROM generate_series(1, 40) AS n;
  CREATE VIEW customer_contacts AS SELECT id, upper(email) AS contact FROM customers;
`

export interface DemoDatabase {
  readonly port: number
  close(): Promise<void>
}

/** PostgreSQL compiled to WebAssembly, behind a socket on a free port of this machine. */
export async function startDatabase(): Promise<DemoDatabase> {
  const database = await PGlite.create()
  await database.exec(DATA)
  const server = new PGLiteSocketServer({
    db: database,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 10,
  })
  await server.start()
  const port = Number(new URL(`tcp://${server.getServerConn()}`).port)
  return {
    port,
    close: async () => {
      await server.stop()
      await database.close()
    },
  }
}
