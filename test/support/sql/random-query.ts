/**
 * Random queries over the tables of `SCHEMA`, for finding out whether lineage tells of everything
 * that flows. They are made to run: what PostgreSQL refuses all the same is left out of account.
 */
export const SCHEMA = `
create table c (id int, name text, secret text, tags text[]);
create table o (id int, cid int, note text, secret2 text);
create view v as select id, secret as s, name as nm from c;
create view v2 as select v.s, o.cid, v.nm from v left join o on o.cid = v.id;`

export const SECRETS: ReadonlySet<string> = new Set(['c.secret', 'o.secret2'])

interface Column {
  readonly ref: string
  readonly type: 'int' | 'text'
}

interface From {
  readonly sql: string
  readonly columns: readonly Column[]
  /** Names that stand for whole rows. */
  readonly rows: readonly string[]
}

interface Query {
  readonly sql: string
  readonly columns: readonly Column[]
}

const TABLES: Readonly<Record<string, readonly Column[]>> = {
  c: columns('id:int name:text secret:text'),
  o: columns('id:int cid:int note:text secret2:text'),
  v: columns('id:int s:text nm:text'),
  v2: columns('s:text cid:int nm:text'),
}

function columns(text: string): Column[] {
  return text.split(' ').map((pair) => {
    const [ref = '', type] = pair.split(':')
    return { ref, type: type === 'int' ? 'int' : 'text' }
  })
}

function qualified(name: string, list: readonly Column[]): Column[] {
  return list.map((column) => ({ ...column, ref: `${name}.${column.ref}` }))
}

/** A generator of queries that always makes the same ones from the same seed. */
export function createRandomQueries(seed: number): () => string {
  let state = seed
  let names = 0
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const name = (letter: string): string => `${letter}${++names}`

  function value(from: From, type: Column['type'], depth: number): string {
    const known = from.columns.filter((column) => column.type === type)
    if (depth <= 0 || random() < 0.3) {
      return known.length > 0 ? pick(known).ref : type === 'int' ? '7' : `'k'`
    }
    return type === 'int' ? int(from, depth - 1) : text(from, depth - 1)
  }

  function text(from: From, depth: number): string {
    const one = (): string => value(from, 'text', depth)
    const row = from.rows.length > 0 ? pick(from.rows) : `'k'`
    return pick([
      () => `upper(${one()})`,
      () => `(${one()} || ${one()})`,
      () => `coalesce(nullif(${one()}, 'amy'), 'none')`,
      () => `case when ${condition(from, depth)} then ${one()} else 'x' end`,
      () => `(array[${one()}, 'z'])[1]`,
      () => `row(${one()}, 1)::text`,
      () => `to_json(${row})::text`,
      () => `${row}::text`,
      () => `greatest(${one()}, 'b')`,
      () => `array(select ${one()})::text`,
      () =>
        `(select max(${value(inside(from), 'text', depth)}) from c q where ${condition(inside(from), depth)})`,
    ])()
  }

  function int(from: From, depth: number): string {
    return pick([
      () => `length(${value(from, 'text', depth)})`,
      () => `(${value(from, 'int', depth)} + 1)`,
      () => `(case when ${condition(from, depth)} then 1 else 2 end)`,
      () => `(select count(*)::int from c q where ${condition(inside(from), depth)})`,
    ])()
  }

  function condition(from: From, depth: number): string {
    if (depth <= 0) return `${value(from, 'int', 0)} < 4`
    const one = (): string => value(from, 'text', depth - 1)
    return pick([
      () => `${one()} < 'm'`,
      () => `exists (select 1 from c q where ${condition(inside(from), depth - 1)})`,
      () => `${one()} in (select ${pick(['secret2', 'note'])} from o)`,
      () => `(${condition(from, depth - 1)} and not ${condition(from, depth - 1)})`,
      () => `(${one()}, 1) = any (select secret, id from c)`,
      () => `${one()} is not null`,
    ])()
  }

  /** What a sub-query over `c q` sees. */
  function inside(from: From): From {
    return { ...from, columns: [...from.columns, ...qualified('q', TABLES['c']!)] }
  }

  function from(depth: number): From {
    if (depth > 0 && random() < 0.5) return pick([derived, lateral, join, union])(depth - 1)
    return pick([table, table, natural, using, unnested, json])()
  }

  function table(): From {
    const a = name('a')
    const [of, list] = pick(Object.entries(TABLES))
    return { sql: `${of} ${a}`, columns: qualified(a, list), rows: [a] }
  }

  function natural(): From {
    const a = name('a')
    const list = columns(`${a}.secret:text ${a}n.note:text ${a}n.secret2:text`)
    const right = `(select id, note, secret2 from o) ${a}n`
    return { sql: `c ${a} natural join ${right}`, columns: list, rows: [a] }
  }

  function using(): From {
    const a = name('a')
    const list = columns(`${a}.i:int ${a}.x:text ${a}.y:text`)
    const sql = `(c ${a}x join o ${a}y using (id)) as ${a} (i, x, y, z)`
    return { sql, columns: list, rows: [a] }
  }

  function unnested(): From {
    const a = name('a')
    const sql = `unnest(array(select secret from c)) as ${a}(w)`
    return { sql, columns: columns(`${a}.w:text`), rows: [] }
  }

  function json(): From {
    const a = name('a')
    const sql = `c ${a}x cross join lateral json_each_text(to_json(${a}x)) as ${a}(k, val)`
    return { sql, columns: columns(`${a}.val:text ${a}.k:text ${a}x.id:int`), rows: [a] }
  }

  function derived(depth: number): From {
    const a = name('a')
    const inner = query(depth)
    return { sql: `(${inner.sql}) ${a}`, columns: qualified(a, inner.columns), rows: [a] }
  }

  function lateral(depth: number): From {
    const a = name('a')
    const left = table()
    const inner = select(depth, left.columns)
    const list = [...left.columns, ...qualified(a, inner.columns)]
    return { sql: `${left.sql}, lateral (${inner.sql}) ${a}`, columns: list, rows: left.rows }
  }

  function join(depth: number): From {
    const left = table()
    const right = derived(depth)
    const both = { sql: '', columns: [...left.columns, ...right.columns], rows: left.rows }
    const on = condition(both, 1)
    return { ...both, sql: `${left.sql} ${pick(['join', 'left join'])} ${right.sql} on ${on}` }
  }

  function union(depth: number): From {
    const a = name('a')
    const inner = query(depth)
    const other = inner.columns.map(({ type }) =>
      type === 'int' ? 'id' : pick(['secret', 'name']),
    )
    const op = pick(['union', 'union all', 'intersect', 'except'])
    const sql = `((${inner.sql}) ${op} select ${other.join(', ')} from c) ${a}`
    return { sql, columns: qualified(a, inner.columns), rows: [a] }
  }

  function select(depth: number, outer: readonly Column[] = []): Query {
    const source = from(depth)
    const seen = { ...source, columns: [...source.columns, ...outer] }
    const outputs: string[] = []
    const made: Column[] = []
    for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
      const type = pick(['int', 'text', 'text'] as const)
      const ref = name('k')
      made.push({ ref, type })
      const over = pick(['order by', 'partition by'])
      const window = `max(${value(seen, type, 1)}) over (${over} ${value(seen, 'text', 1)})`
      outputs.push(`${random() < 0.15 ? window : value(seen, type, depth + 1)} as ${ref}`)
    }
    const where = random() < 0.4 ? ` where ${condition(seen, depth)}` : ''
    const order = random() < 0.2 ? ` order by ${pick(['1', value(seen, 'text', 1)])} limit 2` : ''
    const sql = `select ${outputs.join(', ')} from ${source.sql}${where}${order}`
    return { sql, columns: made }
  }

  function aggregate(depth: number): Query {
    const source = from(depth)
    const [group, made] = [name('g'), name('m')]
    const one = (): string => value(source, 'text', 1)
    const result = pick([
      () => `string_agg(${one()}, ',' order by ${one()})`,
      () => `(count(*) filter (where ${condition(source, 1)}))::text`,
      () => `max(${one()})`,
    ])()
    const having = random() < 0.3 ? ` having max(${one()}) > 'c'` : ''
    const sql = `select ${one()} as ${group}, ${result} as ${made} from ${source.sql} group by 1${having}`
    return { sql, columns: columns(`${group}:text ${made}:text`) }
  }

  /** A table of WITH, which may go by the name of a table and hide it. */
  function common(depth: number): Query {
    const inner = query(depth)
    const table = pick(['c', 'w'])
    return { sql: `with ${table} as (${inner.sql}) select * from ${table}`, columns: inner.columns }
  }

  function recursive(): Query {
    const step = `t || (select max(${pick(['secret', 'name'])}) from c)`
    const start = pick([`'s'::text`, '(select min(s) from v)'])
    return {
      sql: `with recursive r (i, t) as (select 1, ${start} union all select i + 1, ${step} from r where i < 3) select * from r`,
      columns: columns('i:int t:text'),
    }
  }

  function query(depth: number): Query {
    if (depth <= 0) return select(0)
    return pick([select, select, select, aggregate, common, recursive])(depth - 1)
  }

  return () => {
    names = 0
    return query(3).sql
  }
}
