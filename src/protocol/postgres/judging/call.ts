import type { Operation } from '../../../core/operation.ts'
import type { Classified } from '../../../sql/classification.ts'
import { Reader } from '../messages/reader.ts'

/**
 * The functions that clients call by number: libpq's large object interface (src/include/catalog/
 * pg_proc.dat). Others are known by their number only, and a rule must name that.
 */
const LARGE_OBJECT_FUNCTIONS: ReadonlyMap<number, string> = new Map([
  [715, 'lo_create'],
  [764, 'lo_import'],
  [765, 'lo_export'],
  [952, 'lo_open'],
  [953, 'lo_close'],
  [954, 'loread'],
  [955, 'lowrite'],
  [956, 'lo_lseek'],
  [957, 'lo_creat'],
  [958, 'lo_tell'],
  [964, 'lo_unlink'],
  [1004, 'lo_truncate'],
  [3170, 'lo_lseek64'],
  [3171, 'lo_tell64'],
  [3172, 'lo_truncate64'],
])

/** FunctionCall: an `sql.execute` of a function, whose answer nothing is known about. */
export function functionCall(
  buffer: Buffer,
  body: number,
  end: number,
  database: string,
): { classified: Classified; text: string } {
  const reader = new Reader(buffer, body, end)
  const oid = reader.uint32()
  for (let formats = reader.uint16(); formats > 0; formats--) reader.uint16()
  const values = reader.uint16()
  for (let left = values; left > 0; left--) {
    const length = reader.int32()
    if (length !== -1) reader.bytes(length)
  }
  reader.uint16()
  reader.finish()
  const name = LARGE_OBJECT_FUNCTIONS.get(oid) ?? String(oid)
  const operation: Operation = {
    kind: 'FUNCTION CALL',
    fingerprint: `function-call-${name}`,
    accesses: [
      { action: 'sql.execute', object: [database, 'pg_catalog', name], grant: 'required' },
    ],
    predicates: [],
    results: ['unknown'],
    facts: {
      statements: 1,
      readOnly: false,
      hasWhere: true,
      unseen: ['code'],
      ...(values === 0 ? {} : { hidden: values }),
    },
  }
  return { classified: { type: 'classified', operation, statements: [] }, text: `${name}(…)` }
}
