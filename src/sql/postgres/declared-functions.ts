const words = (text: string): readonly string[] => text.split(/\s+/)

/**
 * Functions that PostgreSQL brings and policies are most often tried with, by `pg_proc.prokind` and
 * `provolatile`. A declared catalog knows these alone; whatever else is called must be declared.
 */
export const DECLARED_BUILTINS: ReadonlyMap<string, { kind: string; volatility: string }> = new Map(
  [
    ...entries(
      'a',
      'i',
      words(`count sum avg min max array_agg string_agg json_agg jsonb_agg
      json_object_agg jsonb_object_agg bool_and bool_or every stddev stddev_pop stddev_samp variance
      var_pop var_samp corr mode percentile_cont percentile_disc any_value bit_and bit_or bit_xor
      covar_pop covar_samp range_agg regr_avgx regr_avgy regr_count regr_intercept
      regr_r2 regr_slope regr_sxx regr_sxy regr_syy xmlagg`),
    ),
    ...entries(
      'w',
      'i',
      words(`row_number rank dense_rank percent_rank cume_dist ntile lag lead
      first_value last_value nth_value`),
    ),
    ...entries(
      'f',
      'i',
      words(`abs ascii array_length array_to_string btrim cardinality ceil ceiling
      char_length chr concat concat_ws decode div encode exp floor format initcap jsonb_array_elements
      jsonb_array_elements_text jsonb_array_length jsonb_each jsonb_each_text jsonb_extract_path
      jsonb_extract_path_text jsonb_object_keys jsonb_set jsonb_typeof json_array_elements
      json_extract_path_text left length ln log lower lpad ltrim make_date md5 mod octet_length overlay
      position power quote_ident quote_literal regexp_match regexp_matches regexp_replace repeat
      replace reverse right round rpad rtrim sha256 sign split_part sqrt starts_with string_to_array
      strpos substr substring translate trunc unnest upper width_bucket extract date_part date_trunc
      generate_series to_number justify_days isfinite acos asin atan atan2 cbrt cos cot degrees
      factorial gcd lcm log10 min_scale pi radians scale sin tan trim_scale array_append array_cat
      array_dims array_fill array_lower array_ndims array_position array_positions array_prepend
      array_remove array_replace array_upper bit_length broadcast date_bin family get_bit get_byte host
      isempty json_array_length json_each json_each_text json_object_keys json_strip_nulls json_typeof
      jsonb_insert jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array
      jsonb_path_query_first jsonb_pretty jsonb_strip_nulls justify_hours justify_interval lower_inc
      lower_inf make_interval make_time make_timestamp masklen netmask network normalize num_nonnulls
      num_nulls numnode parse_ident range_merge regexp_count regexp_instr regexp_like
      regexp_split_to_array regexp_split_to_table regexp_substr set_bit set_byte setweight sha224
      sha384 sha512 string_to_table strip to_ascii to_hex ts_rank ts_rank_cd unistr upper_inc
      upper_inf`),
    ),
    ...entries(
      'f',
      's',
      words(`age current_database current_schema json_build_object
      jsonb_build_object now pg_typeof quote_nullable row_to_json timezone to_char to_date to_json
      to_jsonb to_timestamp transaction_timestamp version array_to_json col_description current_schemas
      current_setting format_type has_schema_privilege has_table_privilege inet_client_addr
      inet_server_addr json_build_array json_populate_record json_to_record json_to_recordset
      jsonb_build_array jsonb_populate_record jsonb_to_record jsonb_to_recordset make_timestamptz
      obj_description pg_backend_pid pg_column_size pg_get_viewdef pg_size_pretty phraseto_tsquery
      plainto_tsquery to_tsquery to_tsvector ts_headline websearch_to_tsquery`),
    ),
    ...entries(
      'f',
      'v',
      words(`clock_timestamp currval gen_random_uuid lastval lo_export lo_import
      nextval pg_advisory_lock pg_cancel_backend pg_notify pg_read_binary_file pg_read_file
      pg_reload_conf pg_sleep pg_terminate_backend random set_config setval statement_timestamp
      timeofday cursor_to_xml database_to_xml lo_create lo_creat lo_from_bytea lo_get lo_put lo_unlink
      pg_ls_dir pg_promote pg_relation_size pg_rotate_logfile pg_sleep_for pg_sleep_until pg_stat_file
      pg_switch_wal pg_total_relation_size pg_try_advisory_lock query_to_xml schema_to_xml
      table_to_xml`),
    ),
  ],
)

/** Types whose name, written like a function, is a cast: `date(x)`. */
export const CAST_TYPES: ReadonlySet<string> = new Set(
  words(`bool bpchar bytea cidr date float4 float8 inet int2 int4 int8 interval json jsonb macaddr money
  name numeric oid regclass regtype text time timestamp timestamptz timetz uuid varbit varchar xml`),
)

function entries(kind: string, volatility: string, names: readonly string[]) {
  return names.map((name) => [name, { kind, volatility }] as const)
}
