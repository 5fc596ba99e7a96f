/** A condition or regular expression longer than this is a program, and belongs elsewhere. */
export const WHEN_LENGTH_MAX = 2000

/** Entries of one list in a policy; more wants a wider pattern or a second policy. */
export const GLOBS_MAX = 1000

export const RULES_MAX = 200

/** Bytes of one policy file; hundreds of rules with long lists take a tenth of it. */
export const FILE_BYTES_MAX = 1024 * 1024

/** CEL: nodes of one condition, and elements of one list in it. */
export const CEL_LIMITS = {
  maxAstNodes: 500,
  maxDepth: 50,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 10,
} as const

/**
 * CEL: all() and its like may stand in one another so deep, over lists of so many entries: a million
 * steps take a twentieth of a second, and one more level would take a minute.
 */
export const LOOP_DEPTH_MAX = 2
export const CONDITION_LIST_MAX = 1000

/** Kinds of operations that a rehearsal tells apart; people read them. */
export const REHEARSAL_KINDS_MAX = 1000

/** How long a held operation waits where its rule does not say. */
export const HOLD_EXPIRES_MS = 15 * 60_000

/** Rulesets kept for principals that come again; each is small beside its session. */
export const RULESETS_KEPT = 5000

/** A file that changes is read again after this pause, so that half-written ones are seldom met. */
export const RELOAD_DEBOUNCE_MS = 150

/** Folders are also looked at this often, since not every file system tells of changes. */
export const RELOAD_POLL_MS = 5000

/** Verdicts remembered by exact text, in each of two generations, and the characters of their texts. */
export const TEXTS_KEPT = 10_000
export const TEXT_CHARS_KEPT = 8_000_000

/** Comparing globs and patterns: beyond these a comparison ends with "cannot be told". */
export const GLOB_STATES_MAX = 5000
export const PATTERN_STATES_MAX = 5000

/** Lines of one rule (subjects × actions × objects) that a comparison of policies looks at. */
export const LINES_MAX = 20_000

/** Cases in one file, and characters of one statement in them. */
export const CASES_MAX = 2000
export const SQL_CHARS_MAX = 100_000

/** Pairs of action and object that a ruleset remembers; a schema has hundreds. */
export const INDEX_ENTRIES_MAX = 10_000

/** Lists of accesses that a ruleset remembers, and the longest of them, in characters as JSON. */
export const ACCESSES_KEPT = 1000
export const ACCESSES_CHARS_MAX = 4000
