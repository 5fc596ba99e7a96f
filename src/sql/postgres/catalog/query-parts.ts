/** Pieces of the queries to the catalog, whose names all mean pg_catalog's whatever the search_path is. */

export const EQ = 'OPERATOR(pg_catalog.=)'

/** FirstNormalObjectId (access/transam.h): what initdb made has a smaller oid. */
export const USER_OID = `'16384'::pg_catalog.oid`

/** The number of a catalog, as `pg_depend` refers to it. */
export const classOf = (catalog: string) =>
  `'pg_catalog.${catalog}'::pg_catalog.regclass::pg_catalog.oid`

export const anyOf = (...catalogs: readonly string[]) =>
  `ANY (ARRAY[${catalogs.map(classOf).join(', ')}])`

export const extensionMember = (catalog: string, oid: string) => `EXISTS (
  SELECT 1 FROM pg_catalog.pg_depend AS d
   WHERE d.classid ${EQ} 'pg_catalog.${catalog}'::pg_catalog.regclass
     AND d.objid ${EQ} ${oid} AND d.deptype ${EQ} 'e'::pg_catalog."char")`
