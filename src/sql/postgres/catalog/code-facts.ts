import { anyOf, classOf, EQ, extensionMember, USER_OID } from './query-parts.ts'

/** Catalogs of what is computed while a statement runs or is planned, without being named in it. */
const COMPUTED = [
  'pg_constraint',
  'pg_class',
  'pg_statistic_ext',
  'pg_policy',
  'pg_amproc',
  'pg_amop',
]
  .map((catalog) => `'pg_catalog.${catalog}'::pg_catalog.regclass::pg_catalog.oid`)
  .join(', ')

const dependsOnCode = (catalog: string) => `EXISTS (
  SELECT 1 FROM pg_catalog.pg_depend AS h
   WHERE h.refclassid ${EQ} 'pg_catalog.${catalog}'::pg_catalog.regclass
     AND h.refobjid OPERATOR(pg_catalog.>=) ${USER_OID}
     AND h.classid ${EQ} ANY (ARRAY[${COMPUTED}])
     AND NOT ${extensionMember(catalog, 'h.refobjid')})`

/** Casts that need not be written out. */
const IMPLICIT_CASTS = `EXISTS (
  SELECT 1 FROM pg_catalog.pg_cast AS c
   WHERE c.castfunc OPERATOR(pg_catalog.>=) ${USER_OID}
     AND c.castcontext OPERATOR(pg_catalog.<>) 'e'::pg_catalog."char"
     AND NOT ${extensionMember('pg_cast', 'c.oid')})`

export const HIDDEN_CODE = `
  ${dependsOnCode('pg_proc')} OR ${dependsOnCode('pg_operator')} OR ${IMPLICIT_CASTS}
  OR EXISTS (SELECT 1 FROM pg_catalog.pg_foreign_table)`

/** Domains whose checks call code run it whenever a text is read as a value, also of rows and arrays of them. */
export const CODE_OF_VALUES = `EXISTS (
  SELECT 1 FROM pg_catalog.pg_constraint AS v
    JOIN pg_catalog.pg_depend AS h ON h.objid ${EQ} v.oid
   WHERE v.contypid OPERATOR(pg_catalog.<>) '0'::pg_catalog.oid
     AND h.classid ${EQ} ${classOf('pg_constraint')}
     AND h.refclassid ${EQ} ${anyOf('pg_proc', 'pg_operator')}
     AND h.refobjid OPERATOR(pg_catalog.>=) ${USER_OID})`

/** Names of the types whose values, where they are made, call a function of a user, and of those made of them. */
export const TYPES_OF_CODE = `
  WITH RECURSIVE made(oid) AS (
    SELECT v.contypid FROM pg_catalog.pg_constraint AS v
      JOIN pg_catalog.pg_depend AS h ON h.objid ${EQ} v.oid
     WHERE v.contypid OPERATOR(pg_catalog.<>) '0'::pg_catalog.oid
       AND h.classid ${EQ} ${classOf('pg_constraint')}
       AND h.refclassid ${EQ} ${anyOf('pg_proc', 'pg_operator')}
       AND h.refobjid OPERATOR(pg_catalog.>=) ${USER_OID}
    UNION
    SELECT CASE WHEN e.classid ${EQ} ${classOf('pg_type')} THEN e.objid ELSE (
             SELECT k.reltype FROM pg_catalog.pg_class AS k WHERE k.oid ${EQ} e.objid) END
      FROM made JOIN pg_catalog.pg_depend AS e
        ON e.refclassid ${EQ} ${classOf('pg_type')} AND e.refobjid ${EQ} made.oid
     WHERE e.classid ${EQ} ${anyOf('pg_type', 'pg_class')})
  SELECT pg_catalog.json_agg(t.typname)
    FROM made JOIN pg_catalog.pg_type AS t ON t.oid ${EQ} made.oid`

/** Code that runs after definitions. */
export const EVENT_CODE = `EXISTS (
  SELECT 1 FROM pg_catalog.pg_event_trigger AS t
   WHERE t.evtenabled OPERATOR(pg_catalog.<>) 'D'::pg_catalog."char")`
