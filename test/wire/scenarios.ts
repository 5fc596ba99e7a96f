import {
  bind,
  close,
  describe,
  execute,
  FLUSH,
  parse,
  SYNC,
} from '../../src/protocol/postgres/messages/message.ts'
import { int16, int32, message } from '../../src/protocol/postgres/messages/writer.ts'

const query = (text: string) => message(0x51, text)
const copyData = (text: string) => message(0x64, Buffer.from(text))
const copyDone = message(0x63)
/** Asks for all results in binary. */
const binaryBind = (portal: string, statement: string) =>
  message(0x42, portal, statement, int16(0), int16(0), int16(1), int16(1))
const executeSome = (portal: string, rows: number) => message(0x45, portal, int32(rows))

const run = (text: string) => [parse('', text), bind('', '', []), execute('')]

const EMAILS = 'SELECT id, email FROM customers ORDER BY id'

/**
 * What the client says, group by group: a group is sent when the one before it was answered. Every
 * look-up of a name that a conversation has not met yet is part of it.
 */
export const SCENARIOS: Readonly<Record<string, readonly (readonly Buffer[])[]>> = {
  'simple-masked': [[query(EMAILS)], [query('SELECT upper(email) FROM customers')]],
  'simple-many': [[query('SELECT 1; SELECT email FROM customers; SELECT 2')]],
  'simple-error': [[query('SELECT 1/0')], [query('SELECT 1')]],
  denied: [[query('DROP TABLE customers')], [query('SELECT 1')]],
  'denied-in-transaction': [
    [query('BEGIN')],
    [query('DROP TABLE customers')],
    [query('SELECT 1')],
    [query('COMMIT')],
  ],
  'denied-in-pipeline': [
    [
      parse('', 'SELECT 1'),
      bind('', '', []),
      execute(''),
      parse('', 'DROP TABLE customers'),
      bind('', '', []),
      execute(''),
      SYNC,
      parse('', 'SELECT 2'),
      bind('', '', []),
      execute(''),
      SYNC,
    ],
  ],
  'extended-text': [
    [parse('s', EMAILS), describe('statement', 's'), SYNC],
    [bind('', 's', []), execute(''), SYNC],
    [close('statement', 's'), SYNC],
  ],
  'extended-binary-undescribed': [[parse('', EMAILS), binaryBind('', ''), execute(''), SYNC]],
  'portal-in-pieces': [
    [query('BEGIN')],
    [parse('', EMAILS), bind('p', '', []), executeSome('p', 1), SYNC],
    [executeSome('p', 1), SYNC],
    [executeSome('p', 0), SYNC],
    [query('COMMIT')],
  ],
  'flush-without-sync': [
    [parse('', 'SELECT 1'), FLUSH],
    [bind('', '', []), execute(''), FLUSH],
    [SYNC],
  ],
  'error-skips-to-sync': [
    [parse('', 'SELECT 1/0'), bind('', '', []), execute(''), bind('', '', []), execute(''), SYNC],
    [query('SELECT 1')],
  ],
  'unknown-names': [
    [bind('', 'nobody', []), execute(''), SYNC],
    [execute('nothing'), SYNC],
  ],
  'copy-out-masked': [[query('COPY customers TO STDOUT')]],
  'copy-in': [
    [query('COPY numbers FROM STDIN')],
    [copyData('100\n'), copyData('101\n'), copyDone],
    [query('SELECT 1')],
  ],
  'copy-in-wrong': [
    [query('COPY numbers FROM STDIN')],
    [copyData('not a number\n'), copyDone],
    [query('SELECT 1')],
  ],
  'row-limit': [[query('SELECT n FROM numbers ORDER BY n')], [query('SELECT 1')]],
  'row-limit-in-transaction': [
    [query('BEGIN')],
    [query('SELECT n FROM numbers LIMIT 4')],
    [query('SELECT 1')],
    [query('ROLLBACK')],
  ],
  cursor: [
    [query('BEGIN')],
    [query('DECLARE c CURSOR FOR SELECT email FROM customers')],
    [query('FETCH 1 FROM c')],
    [query('CLOSE c')],
    [query('COMMIT')],
  ],
  'prepared-by-sql': [
    [query('PREPARE e AS SELECT email FROM customers WHERE id = $1')],
    [query('EXECUTE e(1)')],
    [bind('', 'e', ['2']), execute(''), SYNC],
    [query('DEALLOCATE e')],
  ],
  'withheld-error': [[query('SELECT email::int FROM customers')]],
  'listen-notify': [[query('LISTEN news')], [query("NOTIFY news, 'hello'")], [query('')]],
  'described-alike': [
    [query('SELECT lower(name) AS a FROM customers; SELECT lower(email) AS a FROM customers')],
  ],
  'names-change-in-pipeline': [
    [query('PREPARE p AS SELECT name FROM customers')],
    [query('DEALLOCATE p'), query('PREPARE p AS SELECT email FROM customers'), query('EXECUTE p')],
  ],
  'set-local-in-batch': [
    [
      ...run('SET LOCAL search_path = pg_catalog, public'),
      ...run('SELECT upper(email) FROM customers'),
      SYNC,
      ...run('SELECT upper(email) FROM customers'),
      SYNC,
    ],
  ],
  'query-in-failing-batch': [
    [parse('s', 'SELECT 1'), SYNC],
    [parse('s', 'SELECT 2'), query('DROP TABLE numbers'), ...run('SELECT 3'), SYNC],
    [query('SELECT 1')],
  ],
  'copy-in-extended': [
    [...run('COPY numbers FROM STDIN')],
    [copyData('100\n'), copyDone, SYNC],
    [query('SELECT 1')],
  ],
  'copy-in-extended-wrong': [
    [...run('COPY numbers FROM STDIN')],
    [copyData('not a number\n')],
    [copyData('1\n'), SYNC],
    [query('SELECT 1')],
  ],
  'copy-out-at-limit': [
    [query('COPY (SELECT n FROM numbers LIMIT 3) TO STDOUT (FORMAT csv, HEADER)')],
    [query('COPY (SELECT n FROM numbers LIMIT 3) TO STDOUT (FORMAT binary)')],
    [query('COPY (SELECT n FROM numbers LIMIT 4) TO STDOUT (FORMAT binary)')],
  ],
  'row-limit-in-pieces': [
    [query('BEGIN')],
    [parse('', 'SELECT n FROM numbers'), bind('p', '', []), executeSome('p', 2), SYNC],
    [executeSome('p', 2), SYNC],
    [query('COMMIT')],
  ],
  'row-limit-before-copy': [[query('SELECT n FROM numbers; COPY customers TO STDOUT')]],
}
