import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noPostgres } from '../support/postgres-programs.ts'
import { startBench } from '../world/postgres.ts'

const POLICY = `
name: reader
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: ['**'] }
    mask: [{ columns: ['*.public.*.email'], with: redact }]
`

const SCHEMA = `
  CREATE FUNCTION copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note = NEW.email; RETURN NEW; END $$;
  ${['people', 'idle', 'filled'].map((name) => `CREATE TABLE ${name} (id int, email text, note text);`).join('')}
  CREATE TABLE plain (id int, note text);
  ${['people', 'idle', 'plain'].map((name) => `CREATE TRIGGER copies BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION copies();`).join('')}
  ALTER TABLE idle DISABLE TRIGGER copies;
  CREATE TRIGGER fills BEFORE UPDATE ON filled FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO gateway`

test(
  'it is said once that a trigger may copy a masked column',
  { skip: noPostgres() },
  async () => {
    const bench = await startBench({ policies: { 'p.yaml': POLICY }, schema: SCHEMA })
    try {
      for (let session = 0; session < 2; session++) {
        const client = await bench.client()
        await client.connect()
        for (const table of ['people', 'idle', 'filled', 'plain']) {
          await client.query(`SELECT id FROM ${table}`)
          await client.query(`SELECT id FROM public.${table}`)
        }
        await client.end()
      }
      const said = bench.log.filter((line) => line.includes('mask.trigger-may-copy'))
      assert.equal(said.length, 1, said.join('\n'))
      assert.match(
        said.join(),
        /^warn .*sales\.public\.people.*"columns":"email".*"triggers":"copies"/,
      )
    } finally {
      await bench.stop()
    }
  },
)
