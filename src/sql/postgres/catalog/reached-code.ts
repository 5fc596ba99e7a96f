import { anyOf, classOf, EQ, extensionMember, USER_OID } from './query-parts.ts'

/**
 * Whether what is written to a relation can run code that changes the session it runs in: what its
 * names stand for, its settings, its prepared statements and cursors. No statement tells. A write reaches
 *
 *     its triggers, with their conditions, and rules    the rows of children and partitions
 *     defaults, checks, generated columns, indexes      tables that foreign keys write to in turn
 *     checks of the domains in its columns              all that the code of these has a word for
 *
 * Code is read by its words alone: whatever function, relation or domain has such a name is reached
 * as well, so that more may be taken for reached than is. What is too much to follow, or in a language
 * that is not read, counts as code that does change the session.
 */

const FROM = 'OPERATOR(pg_catalog.>=)'
const CHAR = 'pg_catalog."char"'

/** Partitions are many and cheap; functions are read, at some tenths of a millisecond each. */
const REACHED_MAX = 5_000
const FUNCTIONS_MAX = 100

/** The text of the function `p`; that of an SQL-standard body is made from what the server keeps. */
const SOURCE = `
  CASE WHEN p.prosrc ${EQ} '' AND p.prokind OPERATOR(pg_catalog.<>) 'a'::${CHAR}
       THEN pg_catalog.pg_get_functiondef(p.oid) ELSE p.prosrc END`

/** Words of what changes a session, and of texts that are put together and run. */
const CHANGING_WORDS = [
  'prepare|deallocate|execute|discard|open|close|cursor|listen|unlisten|load|do\\s+\\$',
  'set_config|search_path|temp|temporary|create|alter|drop',
  '(set|reset)\\s+(local\\s+|session\\s+)*(role|authorization|all)',
  '(query|table|cursor|schema|database)_to_xml\\w*|ts_stat|ts_rewrite|crosstab\\w*|connectby',
].join('|')

/** `pg_language.dat`: internal and C have these numbers, and SQL the next one. */
const COMPILED = "ANY (ARRAY['12','13']::pg_catalog.oid[])"
const SQL = "'14'::pg_catalog.oid"

const IS_READ = `(p.prolang ${EQ} ${SQL} OR EXISTS (
  SELECT 1 FROM pg_catalog.pg_language AS l
   WHERE l.oid ${EQ} p.prolang AND l.lanname ${EQ} 'plpgsql'::pg_catalog.name))`

/** A word in quotes of its own, as in `status = 'open'`, begins no statement. */
const WITHOUT_WORDS_OF_DATA = `pg_catalog.regexp_replace(${SOURCE}, '''\\w*''', '?', 'g')`

/** What an extension has compiled does what the extension is for. */
const CHANGES_SESSION = `
  CASE WHEN p.prolang ${EQ} ${COMPILED} THEN NOT ${extensionMember('pg_proc', 'p.oid')}
       WHEN ${IS_READ} THEN ${WITHOUT_WORDS_OF_DATA} OPERATOR(pg_catalog.~*) '\\m(${CHANGING_WORDS})\\M'
       ELSE true END`

/** What is computed when a row of the relation is written, or a value of the type is made. */
const PARTS = `
  SELECT ${classOf('pg_trigger')}, t.oid FROM pg_catalog.pg_trigger AS t
   WHERE reach.class ${EQ} ${classOf('pg_class')} AND t.tgrelid ${EQ} reach.oid
     AND NOT t.tgisinternal AND t.tgenabled OPERATOR(pg_catalog.<>) 'D'::${CHAR}
  UNION ALL SELECT ${classOf('pg_rewrite')}, r.oid FROM pg_catalog.pg_rewrite AS r
   WHERE reach.class ${EQ} ${classOf('pg_class')} AND r.ev_class ${EQ} reach.oid
  UNION ALL SELECT ${classOf('pg_attrdef')}, a.oid FROM pg_catalog.pg_attrdef AS a
   WHERE reach.class ${EQ} ${classOf('pg_class')} AND a.adrelid ${EQ} reach.oid
  UNION ALL SELECT ${classOf('pg_constraint')}, k.oid FROM pg_catalog.pg_constraint AS k
   WHERE reach.class ${EQ} ${classOf('pg_class')} AND k.conrelid ${EQ} reach.oid
  UNION ALL SELECT k.classid, k.objid FROM pg_catalog.pg_depend AS k
   WHERE reach.class ${EQ} ${classOf('pg_type')} AND k.refclassid ${EQ} reach.class
     AND k.refobjid ${EQ} reach.oid AND k.classid ${EQ} ${classOf('pg_constraint')}
  UNION ALL SELECT ${classOf('pg_policy')}, s.oid FROM pg_catalog.pg_policy AS s
   WHERE reach.class ${EQ} ${classOf('pg_class')} AND s.polrelid ${EQ} reach.oid
  UNION ALL SELECT ${classOf('pg_class')}, x.indexrelid FROM pg_catalog.pg_index AS x
   WHERE reach.class ${EQ} ${classOf('pg_class')} AND x.indrelid ${EQ} reach.oid`

/** The types of the fields of a row's type. */
const FIELDS = `
  SELECT ${classOf('pg_type')}, a.atttypid
    FROM pg_catalog.pg_type AS y JOIN pg_catalog.pg_attribute AS a ON a.attrelid ${EQ} y.typrelid
   WHERE reach.class ${EQ} ${classOf('pg_type')} AND y.oid ${EQ} reach.oid
     AND a.atttypid ${FROM} ${USER_OID}`

/** Relations whose rows a write to this one changes as well; foreign keys do so by triggers. Arrays are estimated as short. */
const WRITTEN_WITH_IT = `
  SELECT ${classOf('pg_class')}, child.oid FROM pg_catalog.unnest(ARRAY(
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i
     WHERE reach.class ${EQ} ${classOf('pg_class')} AND i.inhparent ${EQ} reach.oid)) AS child(oid)
  UNION ALL SELECT ${classOf('pg_class')}, t.tgconstrrelid
    FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS f ON f.oid ${EQ} t.tgfoid
   WHERE reach.class ${EQ} ${classOf('pg_class')} AND t.tgrelid ${EQ} reach.oid
     AND t.tgisinternal
     AND f.prosrc OPERATOR(pg_catalog.~) '^RI_FKey_(cascade|setnull|setdefault)_'`

/** What it and its parts depend on: functions, types, and what a rule or function reads. */
const DEPENDED_ON = `
  SELECT e.refclassid, e.refobjid
    FROM (SELECT reach.class, reach.oid UNION ALL ${PARTS}) AS own(class, oid), LATERAL (
      SELECT d.refclassid, d.refobjid FROM pg_catalog.pg_depend AS d
       WHERE d.classid ${EQ} own.class AND d.objid ${EQ} own.oid
         AND d.refobjid ${FROM} ${USER_OID} OFFSET 0) AS e
   WHERE e.refclassid ${EQ} ${anyOf('pg_proc', 'pg_type', 'pg_operator')}
      OR (e.refclassid ${EQ} ${classOf('pg_class')}
          AND own.class ${EQ} ${anyOf('pg_rewrite', 'pg_proc')})`

/** Operators and casts stand in no word. */
const HAS_A_WORD_FOR = `
  SELECT found.class, found.oid
    FROM (
      SELECT (pg_catalog.regexp_split_to_array(b.text, '\\W+') OPERATOR(pg_catalog.||)
              pg_catalog.regexp_split_to_array(pg_catalog.lower(b.text), '\\W+'))
             ::pg_catalog.name[] AS words
        FROM (SELECT ${SOURCE} AS text FROM pg_catalog.pg_proc AS p
               WHERE reach.class ${EQ} ${classOf('pg_proc')} AND p.oid ${EQ} reach.oid
                 AND p.oid ${FROM} ${USER_OID} AND ${IS_READ}) AS b
    ) AS body, LATERAL (
      SELECT ${classOf('pg_proc')}, u.oid FROM pg_catalog.pg_proc AS u
       WHERE u.proname ${EQ} ANY (body.words) AND u.oid ${FROM} ${USER_OID}
      UNION ALL SELECT ${classOf('pg_class')}, u.oid FROM pg_catalog.pg_class AS u
       WHERE u.relname ${EQ} ANY (body.words) AND u.oid ${FROM} ${USER_OID}
         AND u.relkind ${EQ} ANY (ARRAY['r','p','v','m','f']::${CHAR}[])
      UNION ALL SELECT ${classOf('pg_type')}, u.oid FROM pg_catalog.pg_type AS u
       WHERE u.typname ${EQ} ANY (body.words) AND u.oid ${FROM} ${USER_OID}
         AND u.typtype ${EQ} 'd'::${CHAR}
      UNION ALL SELECT ${classOf('pg_proc')}, u.oprcode FROM pg_catalog.pg_operator AS u
       WHERE u.oid ${FROM} ${USER_OID} AND u.oprcode ${FROM} ${USER_OID}
      UNION ALL SELECT ${classOf('pg_proc')}, u.castfunc FROM pg_catalog.pg_cast AS u
       WHERE u.oid ${FROM} ${USER_OID} AND u.castfunc ${FROM} ${USER_OID}
    ) AS found(class, oid)`

const IS_FUNCTION = `(r.class ${EQ} ${classOf('pg_proc')} AND r.oid ${FROM} ${USER_OID})`

/** True where a write to the relation of this oid can run code that changes its session. */
export const reachesCode = (oid: string) => `(
  WITH RECURSIVE reach(class, oid) AS (
    SELECT ${classOf('pg_class')}, ${oid}
    UNION
    SELECT next.class, next.oid
      FROM reach, LATERAL (
        ${FIELDS} UNION ALL ${WRITTEN_WITH_IT} UNION ALL ${DEPENDED_ON} UNION ALL ${HAS_A_WORD_FOR}
      ) AS next(class, oid))
  SELECT EXISTS (
    SELECT 1
      FROM (SELECT r.*, pg_catalog.count(*) OVER rest AS things,
                   pg_catalog.count(*) FILTER (WHERE ${IS_FUNCTION}) OVER rest AS functions
              FROM reach AS r WINDOW rest AS (ROWS UNBOUNDED PRECEDING)) AS r
     WHERE r.things OPERATOR(pg_catalog.>) ${REACHED_MAX}
        OR r.functions OPERATOR(pg_catalog.>) ${FUNCTIONS_MAX}
        OR (${IS_FUNCTION} AND (
              SELECT ${CHANGES_SESSION} FROM pg_catalog.pg_proc AS p WHERE p.oid ${EQ} r.oid))))`
