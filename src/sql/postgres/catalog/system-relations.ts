import type { Relation } from './facts.ts'

/**
 * Catalogs that describe the schema and hold no data of users: what drivers and `psql \d` read.
 * Every other relation of pg_catalog needs a grant, and what it holds counts as unknown.
 */
const HARMLESS = new Set(
  `pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_auth_members
  pg_available_extension_versions pg_available_extensions pg_cast pg_class pg_collation
  pg_constraint pg_conversion pg_database pg_default_acl pg_depend pg_description
  pg_enum pg_event_trigger pg_extension pg_foreign_data_wrapper pg_foreign_server pg_foreign_table
  pg_group pg_index pg_indexes pg_inherits pg_init_privs pg_language pg_locks pg_matviews
  pg_namespace pg_opclass pg_operator pg_opfamily pg_parameter_acl pg_partitioned_table pg_policies
  pg_policy pg_proc pg_publication pg_publication_namespace pg_publication_rel
  pg_publication_tables pg_range pg_rewrite pg_roles pg_rules pg_seclabel pg_seclabels pg_sequence
  pg_sequences pg_settings pg_shdepend pg_shdescription pg_shseclabel pg_stat_all_indexes
  pg_stat_all_tables pg_stat_bgwriter pg_statistic_ext pg_stat_database pg_stat_io pg_stat_sys_indexes
  pg_stat_sys_tables pg_stat_user_functions pg_stat_user_indexes pg_stat_user_tables
  pg_statistic_ext pg_statio_all_indexes pg_statio_all_sequences pg_statio_all_tables pg_statio_user_indexes
  pg_statio_user_sequences pg_statio_user_tables pg_tables pg_tablespace pg_timezone_abbrevs
  pg_timezone_names pg_transform pg_trigger pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser
  pg_ts_template pg_type pg_user pg_views`.split(/\s+/),
)

/** Of information_schema: options of user mappings hold the passwords of other servers. */
const HOLDS_SECRETS = new Set(['user_mapping_options', '_pg_user_mappings'])

/**
 * Columns of these that hold values all the same: the bound of a partition and the value that a new
 * column had at first are values of columns; a setting is whatever code has put there.
 */
const HOLDS_DATA: Readonly<Record<string, readonly string[]>> = {
  pg_class: ['relpartbound'],
  pg_attribute: ['attmissingval'],
  pg_settings: ['setting', 'reset_val'],
}

/** What lies in it is a copy of users' columns, or of parts of them. */
const COPIES = new Set([
  'pg_largeobject',
  'pg_statistic',
  'pg_statistic_ext_data',
  'pg_stats',
  'pg_stats_ext',
  'pg_stats_ext_exprs',
])

/** The column may hold values of any column of the database. */
export function holdsData({ builtin, schema, name }: Relation, column: string): boolean {
  if (schema.startsWith('pg_toast')) return true
  if (!builtin || schema !== 'pg_catalog') return false
  return COPIES.has(name) || HOLDS_DATA[name]?.includes(column) === true
}

/** Reads of it need no grant, and nothing of users' data comes out. */
export function isHarmless(relation: Relation): boolean {
  if (!relation.builtin) return false
  if (relation.schema === 'information_schema') return !HOLDS_SECRETS.has(relation.name)
  return relation.schema === 'pg_catalog' && HARMLESS.has(relation.name)
}

/** What its columns hold cannot be traced: statistics hold samples of columns, TOAST holds parts. */
export function isOpaque(relation: Relation): boolean {
  if (relation.schema === 'pg_temp' || relation.schema.startsWith('pg_temp_')) return true
  if (relation.schema.startsWith('pg_toast')) return true
  return relation.builtin && !isHarmless(relation)
}
