import type { Lookup, QualifiedName } from '../../lookup.ts'
import { CODE_OF_VALUES, EVENT_CODE, HIDDEN_CODE, TYPES_OF_CODE } from './code-facts.ts'
import { EQ, extensionMember, USER_OID } from './query-parts.ts'
import { reachesCode } from './reached-code.ts'

export interface CatalogQuestion {
  readonly text: string
  readonly parameters: (string | null)[]
}

/**
 * The one query that answers a look-up, for the extended protocol with text parameters and text
 * results. Its rows are `(kind, position, json)`: kind `f` for facts, `r` for the relation that
 * `relations[position - 1]` names, `p` for each routine that `routines[position - 1]` may mean, `w` for
 * what writing to the relation that `written[position - 1]` names does.
 *
 * It runs on the agent's own connection, so the agent's search_path applies: every function, type
 * and operator is qualified, and nothing in it raises an error that would abort the transaction.
 */
export function lookupQuery(lookup: Lookup): CatalogQuestion {
  const { relations, routines, written = [] } = lookup
  const parameters = [names(relations), names(routines)]
  if (written.length === 0) return { text: TEXT, parameters }
  return { text: TEXT_OF_WRITES, parameters: [...parameters, names(written)] }
}

function names(list: readonly QualifiedName[]): string {
  return JSON.stringify(list.map((name) => [name.schema ?? null, name.name]))
}

const wanted = (parameter: string) => `
  SELECT e.ord AS ord,
         pg_catalog.json_array_element_text(e.item, 0)::pg_catalog.name AS sch,
         pg_catalog.json_array_element_text(e.item, 1)::pg_catalog.name AS nam
    FROM pg_catalog.json_array_elements(${parameter}::pg_catalog.json)
         WITH ORDINALITY AS e(item, ord)`

const IS_VOLATILE = `p.provolatile ${EQ} 'v'::pg_catalog."char"`

const OPERATORS = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(o.oprname, n.nspname, p.proname,
           ${IS_VOLATILE}))
    FROM pg_catalog.pg_operator AS o
    JOIN pg_catalog.pg_proc AS p ON p.oid ${EQ} o.oprcode
    JOIN pg_catalog.pg_namespace AS n ON n.oid ${EQ} p.pronamespace
   WHERE o.oid OPERATOR(pg_catalog.>=) ${USER_OID}
     AND NOT ${extensionMember('pg_operator', 'o.oid')}`

const CASTS = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(t.typname, n.nspname, p.proname,
           ${IS_VOLATILE}))
    FROM pg_catalog.pg_cast AS c
    JOIN pg_catalog.pg_type AS t ON t.oid ${EQ} c.casttarget
    JOIN pg_catalog.pg_proc AS p ON p.oid ${EQ} c.castfunc
    JOIN pg_catalog.pg_namespace AS n ON n.oid ${EQ} p.pronamespace
   WHERE c.oid OPERATOR(pg_catalog.>=) ${USER_OID}
     AND NOT ${extensionMember('pg_cast', 'c.oid')}`

const FACTS = `
SELECT 'f'::pg_catalog.text, NULL::pg_catalog.text, pg_catalog.json_build_object(
    'database', pg_catalog.current_database(),
    'schemas', pg_catalog.current_schemas(false),
    'operators', (${OPERATORS}),
    'casts', (${CASTS}),
    'hiddenCode', (${HIDDEN_CODE}),
    'codeOfValues', (${CODE_OF_VALUES}),
    'codeOfTypes', (${TYPES_OF_CODE}),
    'eventCode', (${EVENT_CODE}))::pg_catalog.text`

const isComposite = (type: string) =>
  `(${type}.typtype ${EQ} ANY (ARRAY['c','p','d']::pg_catalog."char"[]))`

const ATTRIBUTES = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
           a.attname, a.attnum,
           ${isComposite('t')} OR (e.oid IS NOT NULL AND ${isComposite('e')}),
           a.attgenerated::pg_catalog.text,
           CASE WHEN a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char" THEN
             (SELECT pg_catalog.pg_get_expr(ad.adbin, ad.adrelid)
                FROM pg_catalog.pg_attrdef AS ad
               WHERE ad.adrelid ${EQ} a.attrelid AND ad.adnum ${EQ} a.attnum)
           END) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t ON t.oid ${EQ} a.atttypid
    LEFT JOIN pg_catalog.pg_type AS e ON e.oid ${EQ} t.typelem
   WHERE a.attrelid ${EQ} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2
     AND NOT a.attisdropped`

const RULES = `
  SELECT pg_catalog.string_agg(r.ev_type::pg_catalog.text, '')
    FROM pg_catalog.pg_rewrite AS r
   WHERE r.ev_class ${EQ} c.oid
     AND r.rulename OPERATOR(pg_catalog.<>) '_RETURN'::pg_catalog.name`

/** Parents by inheritance or partitioning, and theirs. */
const ANCESTORS = `
  WITH RECURSIVE up(oid) AS (
    SELECT i.inhparent FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid ${EQ} c.oid
    UNION
    SELECT i.inhparent FROM up JOIN pg_catalog.pg_inherits AS i ON i.inhrelid ${EQ} up.oid)
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(an.nspname, ac.relname))
    FROM up
    JOIN pg_catalog.pg_class AS ac ON ac.oid ${EQ} up.oid
    JOIN pg_catalog.pg_namespace AS an ON an.oid ${EQ} ac.relnamespace`

/** The columns of foreign keys; OFFSET keeps the planner from reading all the keys there are. */
const keysOf = (relation: string) => `(
  SELECT f.conrelid, k.own, f.confrelid, k.theirs
    FROM pg_catalog.pg_constraint AS f,
         LATERAL ROWS FROM (pg_catalog.unnest(f.conkey), pg_catalog.unnest(f.confkey))
           AS k(own, theirs)
   WHERE f.conrelid ${EQ} ${relation} AND f.contype ${EQ} 'f'::pg_catalog."char" OFFSET 0)`

const nameOf = (relation: string, attnum: string) => `(
  SELECT a.attname FROM pg_catalog.pg_attribute AS a
   WHERE a.attrelid ${EQ} ${relation} AND a.attnum ${EQ} ${attnum})`

const pathOf = (relation: string, attnum: string) => `(
  SELECT pg_catalog.json_build_array(n.nspname, t.relname, ${nameOf(relation, attnum)})
    FROM pg_catalog.pg_class AS t
    JOIN pg_catalog.pg_namespace AS n ON n.oid ${EQ} t.relnamespace
   WHERE t.oid ${EQ} ${relation})`

/**
 * Columns that foreign keys name: the own one and `[schema, relation, column]`, and what these reference
 * in turn. A referencing column shows the same values, and takes on those that ON UPDATE CASCADE brings.
 */
const REFERENCES = `
  WITH RECURSIVE follows(own, rel, att) AS (
    SELECT f.own, f.confrelid, f.theirs FROM ${keysOf('c.oid')} AS f
    UNION
    SELECT follows.own, f.confrelid, f.theirs
      FROM follows, LATERAL ${keysOf('follows.rel')} AS f
     WHERE f.own ${EQ} follows.att)
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
           ${nameOf('c.oid', 'follows.own')}, ${pathOf('follows.rel', 'follows.att')}))
    FROM follows`

const BELOW = '((SELECT below.oids FROM below)::pg_catalog.oid[])'

const PARTS = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(dn.nspname, dc.relname))
    FROM pg_catalog.pg_class AS dc
    JOIN pg_catalog.pg_namespace AS dn ON dn.oid ${EQ} dc.relnamespace
   WHERE dc.oid ${EQ} ANY ${BELOW}`

/** Keys that parts have for themselves, and not from the whole. */
const KEYS_OF_PARTS = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
           ${nameOf('f.conrelid', 'f.own')}, ${pathOf('f.confrelid', 'f.theirs')}))
    FROM ${keysOf(`ANY ${BELOW} AND f.conparentid ${EQ} '0'::pg_catalog.oid`)} AS f`

/** Arguments (in hex) of triggers by which PostgreSQL itself fills one column from others. */
const FILLS = `
  SELECT pg_catalog.json_agg(pg_catalog.encode(t.tgargs, 'hex'))
    FROM pg_catalog.pg_trigger AS t
   WHERE t.tgrelid ${EQ} ANY (pg_catalog.array_append(${BELOW}, c.oid)) AND NOT t.tgisinternal
     AND (SELECT p.prosrc FROM pg_catalog.pg_proc AS p WHERE p.oid ${EQ} t.tgfoid) ${EQ} ANY (ARRAY[
       'tsvector_update_trigger_byid', 'tsvector_update_trigger_bycolumn'])`

/** Children by inheritance or partitioning, and theirs, with what they have for themselves. */
const FAMILY = `
  WITH RECURSIVE down(oid) AS (
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i WHERE i.inhparent ${EQ} c.oid
    UNION
    SELECT i.inhrelid FROM down JOIN pg_catalog.pg_inherits AS i ON i.inhparent ${EQ} down.oid),
  below AS MATERIALIZED (SELECT ARRAY(SELECT down.oid FROM down) AS oids)
  SELECT pg_catalog.json_build_object(
    'parts', (${PARTS}), 'keys', (${KEYS_OF_PARTS}), 'fills', (${FILLS}))`

/**
 * Row level security: `[command, mine, USING, WITH CHECK]` for each policy of a table that has it on.
 * `mine`: it is in force when the session's own role names the table. Through a view it is the view's
 * owner that counts, and then any may be in force.
 */
const POLICIES = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
           pol.polcmd::pg_catalog.text,
           pg_catalog.row_security_active(c.oid) AND EXISTS (
             SELECT 1 FROM pg_catalog.unnest(pol.polroles) AS role(oid)
              WHERE CASE WHEN role.oid ${EQ} '0'::pg_catalog.oid THEN true
                         ELSE pg_catalog.pg_has_role(role.oid, 'USAGE') END),
           pg_catalog.pg_get_expr(pol.polqual, pol.polrelid),
           pg_catalog.pg_get_expr(pol.polwithcheck, pol.polrelid)))
    FROM pg_catalog.pg_policy AS pol
   WHERE pol.polrelid ${EQ} c.oid`

/**
 * What is looked at when a row is written, `[with other rows, columns]`: keys, checks, and indexes whose
 * expressions or conditions read more than a key.
 */
const CONSTRAINTS = `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_array(k.others, k.columns))
    FROM (
      SELECT f.contype OPERATOR(pg_catalog.<>) 'c'::pg_catalog."char", f.conkey
        FROM pg_catalog.pg_constraint AS f
       WHERE f.conrelid ${EQ} c.oid AND f.conkey IS NOT NULL
      UNION ALL
      SELECT x.indisunique OR x.indisexclusion, ARRAY(
               SELECT d.refobjsubid::pg_catalog.int2 FROM pg_catalog.pg_depend AS d
                WHERE d.classid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass
                  AND d.objid ${EQ} x.indexrelid AND d.refobjid ${EQ} c.oid
                UNION SELECT pg_catalog.unnest(x.indkey))
        FROM pg_catalog.pg_index AS x
       WHERE x.indrelid ${EQ} c.oid
         AND (x.indisunique OR x.indisexclusion
              OR x.indexprs IS NOT NULL OR x.indpred IS NOT NULL)
    ) AS k(others, columns)`

/** Of users: what they copy nobody can tell. */
const TRIGGERS = `
  SELECT pg_catalog.json_agg(t.tgname) FROM pg_catalog.pg_trigger AS t
   WHERE t.tgrelid ${EQ} c.oid AND NOT t.tgisinternal
     AND t.tgenabled OPERATOR(pg_catalog.<>) 'D'::pg_catalog."char"
     AND t.tgfoid OPERATOR(pg_catalog.>=) ${USER_OID}`

/** Triggers keep keys as well; those of children may be at the children alone. */
const HAS_TRIGGERS = '(c.relhastriggers OR c.relhassubclass)'

const IS_USERS = `c.oid OPERATOR(pg_catalog.>=) ${USER_OID}`

const named = (parameter: string) => `FROM (${wanted(parameter)}) AS w
  JOIN pg_catalog.pg_class AS c ON c.relname ${EQ} w.nam
  JOIN pg_catalog.pg_namespace AS n ON n.oid ${EQ} c.relnamespace
 WHERE (w.sch IS NULL AND pg_catalog.pg_table_is_visible(c.oid))
    OR n.nspname ${EQ} w.sch
    OR (w.sch ${EQ} 'pg_temp'::pg_catalog.name
        AND c.relnamespace ${EQ} pg_catalog.pg_my_temp_schema())`

const RELATIONS = `
SELECT 'r'::pg_catalog.text, w.ord::pg_catalog.text, pg_catalog.json_build_object(
    'oid', c.oid::pg_catalog.int8,
    'schema', n.nspname,
    'temporary', c.relnamespace ${EQ} pg_catalog.pg_my_temp_schema(),
    'builtin', c.oid OPERATOR(pg_catalog.<) ${USER_OID},
    'name', c.relname,
    'kind', c.relkind::pg_catalog.text,
    'columns', (${ATTRIBUTES}),
    'rules', (${RULES}),
    'ancestors', (${ANCESTORS}),
    'policies', CASE WHEN c.relrowsecurity THEN (${POLICIES}) END,
    'constraints', CASE WHEN ${IS_USERS} THEN (${CONSTRAINTS}) END,
    'references', CASE WHEN ${HAS_TRIGGERS} THEN (${REFERENCES}) END,
    'triggers', CASE WHEN c.relhastriggers THEN (${TRIGGERS}) END,
    'family', CASE WHEN ${HAS_TRIGGERS} THEN (${FAMILY}) END,
    'definition', CASE WHEN c.oid OPERATOR(pg_catalog.>=) ${USER_OID}
      AND c.relkind ${EQ} ANY (ARRAY['v','m']::pg_catalog."char"[])
      THEN pg_catalog.pg_get_viewdef(c.oid) END)::pg_catalog.text
${named('$1')}`

/**
 * Words of a body that changes its session, whatever the function declares: STABLE ones may call
 * set_config and open cursors, and the server takes them at their word.
 */
const CHANGES_SESSION = `
  p.oid OPERATOR(pg_catalog.>=) ${USER_OID} AND
  CASE WHEN p.prosrc ${EQ} '' AND p.prokind OPERATOR(pg_catalog.<>) 'a'::pg_catalog."char"
       THEN pg_catalog.pg_get_functiondef(p.oid) ELSE p.prosrc END
    OPERATOR(pg_catalog.~*) '\\m(set_config|search_path|temp|temporary|open|prepare|deallocate|listen)\\M'`

const ROUTINES = `
SELECT 'p'::pg_catalog.text, w.ord::pg_catalog.text, pg_catalog.json_build_object(
    'schema', n.nspname,
    'temporary', p.pronamespace ${EQ} pg_catalog.pg_my_temp_schema(),
    'name', p.proname,
    'builtin', p.oid OPERATOR(pg_catalog.<) ${USER_OID},
    'extension', ${extensionMember('pg_proc', 'p.oid')},
    'makesRange', p.prolang ${EQ} '12'::pg_catalog.oid
      AND p.prosrc OPERATOR(pg_catalog.~) '^(multi)?range_constructor[0-3]$',
    'kind', p.prokind::pg_catalog.text,
    'volatility', p.provolatile::pg_catalog.text,
    'changesSession', ${CHANGES_SESSION},
    'arguments', p.pronargs,
    'defaults', p.pronargdefaults,
    'variadic', p.provariadic OPERATOR(pg_catalog.<>) '0'::pg_catalog.oid,
    'returns', t.typtype::pg_catalog.text,
    'set', p.proretset,
    'argumentModes', p.proargmodes::pg_catalog.text[],
    'argumentNames', p.proargnames)::pg_catalog.text
  FROM (${wanted('$2')}) AS w
  JOIN pg_catalog.pg_proc AS p ON p.proname ${EQ} w.nam
  JOIN pg_catalog.pg_namespace AS n ON n.oid ${EQ} p.pronamespace
  JOIN pg_catalog.pg_type AS t ON t.oid ${EQ} p.prorettype
 WHERE n.nspname ${EQ} w.sch
    OR (w.sch IS NULL AND n.nspname ${EQ} ANY (pg_catalog.current_schemas(true)))
    OR (w.sch ${EQ} 'pg_temp'::pg_catalog.name
        AND p.pronamespace ${EQ} pg_catalog.pg_my_temp_schema())`

const WRITES = `
SELECT 'w'::pg_catalog.text, w.ord::pg_catalog.text, pg_catalog.json_build_object(
    'code', CASE WHEN ${IS_USERS} THEN ${reachesCode('c.oid')} ELSE false END,
    'temporary', c.relnamespace ${EQ} pg_catalog.pg_my_temp_schema())::pg_catalog.text
${named('$3')}`

const TEXT = `${FACTS}\nUNION ALL ${RELATIONS}\nUNION ALL ${ROUTINES}`
const TEXT_OF_WRITES = `${TEXT}\nUNION ALL ${WRITES}`
