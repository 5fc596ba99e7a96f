import type { BypassCase } from './case.ts'
import { allowed, denied, masked } from './case.ts'

/** The server's own tables and functions, and ways to the outside. */
export const SYSTEM: readonly BypassCase[] = [
  ...denied(['POLICY_NO_MATCH', 'SQL_UNSUPPORTED', 'SQL_UNRESOLVED', 'MASK_UNPROVABLE'], {
    pg_stats: "SELECT most_common_vals FROM pg_stats WHERE tablename = 'customers'",
    pg_statistic: 'SELECT stavalues1 FROM pg_catalog.pg_statistic',
    pg_stats_ext: 'SELECT most_common_vals FROM pg_stats_ext',
    pg_statistic_ext_data: 'SELECT * FROM pg_statistic_ext_data',
    pg_mcv_list_items: 'SELECT m.* FROM pg_mcv_list_items(NULL) m',
    pg_stat_activity: 'SELECT query FROM pg_stat_activity',
    pg_stat_get_activity: 'SELECT query FROM pg_stat_get_activity(NULL)',
    pg_stat_get_backend_activity: 'SELECT pg_stat_get_backend_activity(1)',
    pg_prepared_statements: 'SELECT statement FROM pg_prepared_statements',
    pg_cursors: 'SELECT statement FROM pg_cursors',
    pg_shadow: 'SELECT passwd FROM pg_shadow',
    pg_authid: 'SELECT rolpassword FROM pg_authid',
    pg_largeobject: 'SELECT data FROM pg_largeobject',
    pg_user_mappings: 'SELECT umoptions FROM pg_user_mappings',
    pg_user_mapping: 'SELECT umoptions FROM pg_user_mapping',
    'information_schema.user_mapping_options':
      'SELECT option_value FROM information_schema.user_mapping_options',
    'information_schema._pg_user_mappings':
      'SELECT umoptions FROM information_schema._pg_user_mappings',
    pg_hba_file_rules: 'SELECT * FROM pg_hba_file_rules',
    pg_file_settings: 'SELECT * FROM pg_file_settings',
    pg_subscription: 'SELECT subconninfo FROM pg_subscription',
    pg_replication_slots: 'SELECT * FROM pg_replication_slots',
    lo_get: 'SELECT lo_get(4242)',
    loread: 'SELECT loread(lo_open(4242, 262144), 100)',
    lo_export: "SELECT lo_export(4242, '/tmp/x')",
    lo_import: "SELECT lo_import('/etc/passwd')",
    'lo_from_bytea of a value': 'SELECT lo_from_bytea(0, email::bytea) FROM customers',
    pg_read_file: "SELECT pg_read_file('/etc/passwd')",
    'pg_read_file, qualified and quoted': `SELECT "pg_catalog"."pg_read_file"('/etc/passwd')`,
    'pg_read_file in FROM': "SELECT * FROM pg_read_file('PG_VERSION')",
    pg_read_binary_file: "SELECT pg_read_binary_file('PG_VERSION')",
    pg_ls_dir: "SELECT pg_ls_dir('.')",
    pg_ls_waldir: 'SELECT * FROM pg_ls_waldir()',
    pg_stat_file: "SELECT pg_stat_file('PG_VERSION')",
    pg_current_logfile: 'SELECT pg_current_logfile()',
    pg_terminate_backend: 'SELECT pg_terminate_backend(1)',
    'pg_cancel_backend in a view-like query':
      'SELECT pg_cancel_backend(pid) FROM (VALUES (1)) v(pid)',
    pg_reload_conf: 'SELECT pg_reload_conf()',
    pg_rotate_logfile: 'SELECT pg_rotate_logfile()',
    pg_sleep: 'SELECT pg_sleep(0)',
    pg_advisory_lock: 'SELECT pg_advisory_lock(1)',
    pg_export_snapshot: 'SELECT pg_export_snapshot()',
    pg_logical_emit_message: "SELECT pg_logical_emit_message(true, 'a', email) FROM customers",
    pg_create_restore_point: "SELECT pg_create_restore_point('x')",
    query_to_xml: "SELECT query_to_xml('SELECT email FROM customers', true, true, '')",
    table_to_xml: "SELECT table_to_xml('customers', true, true, '')",
    database_to_xml: "SELECT database_to_xml(true, true, '')",
    schema_to_xml: "SELECT schema_to_xml('public', true, true, '')",
    cursor_to_xml: [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT email FROM customers',
      "SELECT cursor_to_xml('c', 10, true, true, '')",
    ],
    ts_stat: "SELECT * FROM ts_stat('SELECT to_tsvector(email) FROM customers')",
    ts_rewrite:
      "SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, to_tsquery(email) FROM customers')",
    dblink: "SELECT * FROM dblink('dbname=sales', 'SELECT email FROM customers') AS t(e text)",
    pg_file_write: "SELECT pg_file_write('x', email, false) FROM customers",
    'nextval by regclass': "SELECT nextval('seq'::regclass)",
    currval: "SELECT currval('public.seq')",
    lastval: 'SELECT lastval()',
    'a sequence as a table of another schema': 'SELECT * FROM pg_toast.pg_toast_1',
    pg_get_shmem_allocations: 'SELECT * FROM pg_shmem_allocations',
    pg_config: 'SELECT * FROM pg_config',
    pg_stat_replication: 'SELECT * FROM pg_stat_replication',
    pg_event_trigger: 'SELECT pg_replication_origin_create(email) FROM customers',
    brin: "SELECT brin_summarize_new_values('customers')",
    gin: "SELECT gin_clean_pending_list('customers_lower')",
    'amcheck by stat reset': 'SELECT pg_stat_reset()',
    'DML on pg_class': 'DELETE FROM pg_class',
    currtid: "SELECT currtid2('customers', '(0,1)')",
  }),
  ...allowed({
    'catalog: psql \\d':
      "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = 'customers'::regclass AND a.attnum > 0",
    'catalog: tables': 'SELECT schemaname, tablename FROM pg_tables ORDER BY 1, 2',
    'catalog: information_schema':
      "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'customers'",
    'catalog: view definitions': "SELECT pg_get_viewdef('v_alias'::regclass, true)",
    'catalog: a setting by its name':
      "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'max_index_keys'",
    'catalog: settings by their names':
      "SELECT s.name, s.setting FROM pg_settings s, pg_class c WHERE c.relname = 'orders' AND s.name IN ('block_size')",
    'catalog: names of settings': "SELECT name, vartype FROM pg_settings WHERE name LIKE 'block%'",
    'catalog: version and user': 'SELECT version(), current_user, current_schema()',
    'catalog: sizes': "SELECT pg_size_pretty(0::bigint), pg_table_size('lists_1') >= 0",
  }),
  ...masked({
    'settings that code has filled': [
      'SELECT f_application()',
      "SELECT setting, reset_val FROM pg_settings WHERE name = 'application_name'",
    ],
    // The server keeps them in an order that changes.
    'settings that code has filled, all of them': [
      'SELECT f_application()',
      'SELECT * FROM pg_settings ORDER BY name',
    ],
    'settings by their function': [
      'SELECT f_application()',
      "SELECT setting FROM pg_show_all_settings() WHERE name = 'application_name'",
    ],
    'settings among others by name': [
      'SELECT f_application()',
      "SELECT s.setting FROM pg_settings s WHERE s.name IN ('port', 'application_name') AND s.context <> ''",
    ],
    'settings with their names exchanged': [
      'SELECT f_application()',
      "SELECT s.name FROM pg_settings s(setting, name) WHERE s.name <> '' AND s.setting = 'application_name'",
    ],
    'the bound of a partition':
      "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'by_mail_1'",
    'the bound of a partition, as it is kept': 'SELECT relpartbound::text FROM pg_class',
    'all of pg_class': "SELECT * FROM pg_class WHERE relname = 'by_mail_1'",
    'the bound of a partition as a constraint':
      "SELECT pg_get_partition_constraintdef('by_mail_1'::regclass)",
    'an error in the bound of a partition':
      "SELECT 1 FROM pg_class WHERE relname = 'by_mail_1' AND pg_get_expr(relpartbound, oid)::int > 0",
    'what a new column held':
      "SELECT attmissingval FROM pg_attribute WHERE attrelid = 'added'::regclass AND attname = 'email'",
    'catalog: a masked value for a name': 'SELECT to_regclass(email) FROM customers',
    'catalog: a masked value for a privilege':
      "SELECT has_table_privilege('customers', email) FROM customers WHERE id = 1",
    'catalog: settings beside a masked value':
      "SELECT s.setting, c.email FROM pg_settings s, customers c WHERE s.name = 'search_path'",
    'catalog: comment functions of a value':
      "SELECT obj_description(length(email)::oid, 'pg_class') FROM customers",
  }),
]
