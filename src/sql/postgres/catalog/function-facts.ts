/**
 * What is known of the functions that PostgreSQL itself brings (pg_catalog, made by initdb). The
 * catalog tells volatility; these lists tell what volatility does not.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Volatile by their nature or for no reason, and harmless: sizes, clocks, chance. */
export const HARMLESS_VOLATILE = words(`random random_normal setseed clock_timestamp timeofday
  statement_timestamp gen_random_uuid uuidv4 uuidv7 pg_relation_size pg_total_relation_size
  pg_table_size pg_indexes_size pg_database_size pg_tablespace_size pg_is_in_recovery
  pg_is_wal_replay_paused pg_last_wal_replay_lsn pg_last_wal_receive_lsn
  pg_last_xact_replay_timestamp pg_current_wal_lsn pg_current_wal_insert_lsn
  pg_current_wal_flush_lsn pg_blocking_pids pg_safe_snapshot_blocking_pids
  pg_isolation_test_session_is_blocked pg_notification_queue_usage pg_sequence_last_value
  pg_relation_filenode pg_relation_filepath pg_collation_actual_version pg_control_system
  pg_stat_clear_snapshot pg_stat_force_next_flush pg_xact_commit_timestamp txid_current
  pg_current_xact_id pg_lock_status pg_trigger_depth has_sequence_privilege row_security_active
  pg_timezone_abbrevs pg_timezone_names pg_available_extensions pg_describe_object
  pg_advisory_unlock pg_advisory_unlock_shared pg_advisory_unlock_all`)

/** Not volatile, and still more than arithmetic: other sessions' statements, files, settings. */
export const SENSITIVE = words(`pg_stat_get_activity pg_stat_get_backend_activity pg_cursor
  pg_prepared_statement pg_prepared_xact pg_hba_file_rules pg_ident_file_mappings
  pg_show_all_file_settings pg_get_replication_slots pg_stat_get_wal_senders
  pg_stat_get_wal_receiver pg_stat_get_subscription pg_show_replication_origin_status
  pg_mcv_list_items pg_get_shmem_allocations pg_get_backend_memory_contexts pg_read_file
  pg_read_binary_file pg_ls_dir pg_stat_file lo_get loread currtid2 pg_config
  binary_upgrade_logical_slot_has_caught_up pg_logical_slot_peek_changes pg_sleep`)

/** Their results hold values of settings, or of whatever column a table is partitioned by. */
export const SHOWS_DATA = words('pg_show_all_settings pg_get_partition_constraintdef')

/** They run a query that is given as text, by name or as a cursor, so it cannot be seen. */
export const RUNS_TEXT = words(`query_to_xml query_to_xmlschema query_to_xml_and_xmlschema
  table_to_xml table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema
  schema_to_xml_and_xmlschema database_to_xml database_to_xmlschema
  database_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema ts_stat`)

export const SEQUENCE = words('nextval currval setval lastval')

/** The result tells nothing of the values of its arguments. */
export const TELLS_NOTHING = words('pg_typeof')
