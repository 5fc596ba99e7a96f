import { FILTER_CHARACTERS_MAX } from './limits.ts'

/** What a table's path names: the collection of tables, a table, an entity, a batch. */
export type TableAddress =
  | { readonly type: 'service' }
  | { readonly type: 'tables' }
  | { readonly type: 'table'; readonly table: string; readonly form: TableForm }
  | { readonly type: 'entity'; readonly table: string; readonly keys: EntityKeys }
  | { readonly type: 'batch' }

/** `Tables('name')` is the table as a thing; `name` and `name()` are its entities. */
export type TableForm = 'thing' | 'entities'

export interface EntityKeys {
  readonly partition: string
  readonly row: string
}

const NAME = '[A-Za-z][A-Za-z0-9]{2,62}'
const TEXT = `'((?:[^']|'')*)'`
const THING = new RegExp(`^Tables\\('(${NAME})'\\)$`)
const ENTITIES = new RegExp(`^(${NAME})(?:\\(\\))?$`)
const PARTITION_FIRST = new RegExp(`^(${NAME})\\(PartitionKey=${TEXT}, ?RowKey=${TEXT}\\)$`)
const ROW_FIRST = new RegExp(`^(${NAME})\\(RowKey=${TEXT}, ?PartitionKey=${TEXT}\\)$`)

/** Undefined where the path is none of them (OData's other forms, such as `$metadata`). */
export function tableAddress(segments: readonly string[]): TableAddress | undefined {
  if (segments.length === 0) return { type: 'service' }
  const [path] = segments
  if (segments.length !== 1 || path === undefined) return undefined
  if (path === 'Tables') return { type: 'tables' }
  if (path === '$batch') return { type: 'batch' }
  const thing = THING.exec(path)?.[1]
  if (thing !== undefined) return named(thing, 'thing')
  const entities = ENTITIES.exec(path)?.[1]
  if (entities !== undefined) return named(entities, 'entities')
  const keyed = PARTITION_FIRST.exec(path)
  if (keyed !== null) return entity(keyed[1]!, keyed[2]!, keyed[3]!)
  const turned = ROW_FIRST.exec(path)
  return turned === null ? undefined : entity(turned[1]!, turned[3]!, turned[2]!)
}

/** `tables` in other letters would be a table of that name, or the collection after all. */
export function isReservedTable(name: string): boolean {
  return name.toLowerCase() === 'tables'
}

function named(table: string, form: TableForm): TableAddress | undefined {
  return isReservedTable(table) ? undefined : { type: 'table', table, form }
}

function entity(table: string, partition: string, row: string): TableAddress | undefined {
  if (isReservedTable(table)) return undefined
  const keys = { partition: partition.replaceAll("''", "'"), row: row.replaceAll("''", "'") }
  return { type: 'entity', table, keys }
}

/** The path as the service takes it, with nothing left to read in two ways. */
export function formatAddress(address: TableAddress): string {
  if (address.type === 'service') return '/'
  if (address.type === 'tables') return '/Tables'
  if (address.type === 'batch') return '/$batch'
  if (address.type === 'table') {
    return address.form === 'thing' ? `/Tables('${address.table}')` : `/${address.table}()`
  }
  const { partition, row } = address.keys
  return `/${address.table}(PartitionKey='${key(partition)}',RowKey='${key(row)}')`
}

function key(value: string): string {
  return encodeURIComponent(value.replaceAll("'", "''")).replaceAll("'", '%27')
}

const OPERATORS: ReadonlySet<string> = new Set(
  'eq ne gt ge lt le and or not true false null'.split(' '),
)

/** Tokens of a filter: texts and typed literals, numbers, words, brackets. */
const TOKEN =
  /\s+|(?:datetime|guid|binary|X)?'(?:[^']|'')*'|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?[LlDdMmFf]?(?![\w'])|[A-Za-z_][A-Za-z0-9_]*(?![\w'(])|[()]/y

/** The properties that a filter compares; undefined where it holds anything that is not understood. */
export function filterProperties(filter: string): readonly string[] | undefined {
  if (filter.length > FILTER_CHARACTERS_MAX) return undefined
  const found = new Set<string>()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < filter.length) {
    const token = TOKEN.exec(filter)?.[0]
    if (token === undefined) return undefined
    const isWord = /^[A-Za-z_]/.test(token) && !token.includes("'")
    if (isWord && !OPERATORS.has(token)) found.add(token)
  }
  return [...found]
}

/** The properties of `$select`; `all` without it or with `*`; undefined where it is not understood. */
export function selectedProperties(
  select: string | undefined,
): readonly string[] | 'all' | undefined {
  if (select === undefined || select === '') return 'all'
  const names = select.split(',').map((name) => name.trim())
  if (names.includes('*')) return 'all'
  return names.every((name) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) ? names : undefined
}
