import type { Access } from '../../../core/operation.ts'
import { refuse } from '../../refuse.ts'
import type { Analysis } from './analysis.ts'

/** What sessions set about themselves every day, and what changes nobody's rights. */
const HARMLESS = new Set(
  `array_nulls bytea_output check_function_bodies client_connection_check_interval
  client_min_messages cursor_tuple_fraction datestyle deadlock_timeout default_statistics_target
  default_toast_compression default_transaction_deferrable default_transaction_isolation
  default_transaction_read_only effective_cache_size enable_bitmapscan enable_gathermerge
  enable_hashagg enable_hashjoin enable_incremental_sort enable_indexonlyscan enable_indexscan
  enable_material enable_memoize enable_mergejoin enable_nestloop enable_parallel_append
  enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate
  enable_partitionwise_join enable_seqscan enable_sort enable_tidscan extra_float_digits
  escape_string_warning force_parallel_mode from_collapse_limit geqo geqo_threshold
  gin_fuzzy_search_limit gin_pending_list_limit hash_mem_multiplier
  idle_in_transaction_session_timeout idle_session_timeout intervalstyle jit
  join_collapse_limit lc_monetary lc_numeric lc_time lock_timeout maintenance_work_mem
  max_parallel_workers max_parallel_workers_per_gather parallel_leader_participation
  parallel_setup_cost parallel_tuple_cost plan_cache_mode quote_all_identifiers random_page_cost
  restrict_nonsystem_relation_kind row_security search_path seq_page_cost statement_timeout synchronize_seqscans tcp_keepalives_count
  tcp_keepalives_idle tcp_keepalives_interval temp_buffers timezone timezone_abbreviations
  transaction_deferrable transaction_isolation transaction_read_only transaction_timeout
  work_mem xmlbinary xmloption vacuum_cost_delay`.split(/\s+/),
)

const ROLES = new Set(['role', 'session_authorization'])

/** Values under which both sides read text alike; anything else, or an unseen value, is refused. */
const ONLY_VALUES: Readonly<Record<string, readonly string[]>> = {
  client_encoding: ['utf8', 'unicode'],
  standard_conforming_strings: ['on', 'true', 'yes', '1'],
  backslash_quote: ['safe_encoding'],
}

export type SettingValue =
  | { readonly type: 'constant'; readonly text: string }
  /** DEFAULT and RESET: what the connection started with, which the gateway chose. */
  | { readonly type: 'initial' }
  | { readonly type: 'unseen' }

/**
 * A setting with a dot in its name is whatever some code has put there; so is application_name, once
 * it is not what the gateway chose.
 */
export function holdsAnything(name: string): boolean {
  return name.includes('.') || name.toLowerCase() === 'application_name'
}

/** Judges a change of one setting, and writes down its access. */
export function changeSetting(a: Analysis, spelled: string, value: SettingValue): void {
  const name = spelled.toLowerCase()
  checkSetting(name, value)
  const object = [a.catalog.database, 'setting', name]
  if (ROLES.has(name)) {
    // Going back to the role that the gateway signed in as needs no grant.
    const grant = value.type === 'initial' ? 'implied' : 'required'
    a.collector.access('sql.set.role', object, grant)
    a.collector.changes('session')
    return
  }
  a.collector.access('sql.set', object, grantOf(name))
  if (name === 'search_path') a.collector.changes('session')
}

/** Throws for settings that would make the target read text otherwise than the gateway. */
export function checkSetting(spelled: string, value: SettingValue): void {
  const name = spelled.toLowerCase()
  if (value.type === 'initial') return
  if (name === 'application_name') {
    refuse(
      'SQL_UNSUPPORTED',
      'application_name belongs to the gateway, which joins its records with the target by it.',
      'Use SET application_name in a statement of its own; the gateway keeps it for the session.',
    )
  }
  const only = ONLY_VALUES[name]
  if (only === undefined) return
  const allowed =
    value.type === 'constant' && only.includes(value.text.toLowerCase().replaceAll('-', ''))
  if (!allowed) {
    refuse(
      'SQL_ENCODING',
      `${name} may not be changed: the gateway and the target would read text differently.`,
      `Leave ${name} as it is.`,
    )
  }
}

function grantOf(name: string): Access['grant'] {
  // Those with only one value have been found to get it.
  return HARMLESS.has(name) || name in ONLY_VALUES ? 'implied' : 'required'
}
