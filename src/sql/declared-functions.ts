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
      var_pop var_samp corr mode percentile_cont percentile_disc`),
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
      generate_series to_number justify_days isfinite`),
    ),
    ...entries(
      'f',
      's',
      words(`age current_database current_schema json_build_object
      jsonb_build_object now pg_typeof quote_nullable row_to_json timezone to_char to_date to_json
      to_jsonb to_timestamp transaction_timestamp version`),
    ),
    ...entries(
      'f',
      'v',
      words(`clock_timestamp currval gen_random_uuid lastval lo_export lo_import
      nextval pg_advisory_lock pg_cancel_backend pg_notify pg_read_binary_file pg_read_file
      pg_reload_conf pg_sleep pg_terminate_backend random set_config setval statement_timestamp
      timeofday`),
    ),
  ],
)

function entries(kind: string, volatility: string, names: readonly string[]) {
  return names.map((name) => [name, { kind, volatility }] as const)
}
