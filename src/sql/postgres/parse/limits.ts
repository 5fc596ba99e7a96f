/** Bounds of the classifier, each with its reason. */

/** Longest statement text that is parsed: parsing costs about 0.1 s a MiB and blocks the process. */
export const TEXT_BYTES_MAX = 1024 * 1024

/**
 * Deepest nesting that is handed to the parser. It overflows the stack at about 800 nested
 * sub-selects, and an overflow inside WebAssembly spoils that instance.
 */
export const DEPTH_MAX = 400

/** No text this short can nest deeper than `DEPTH_MAX` allows to matter (two characters a level). */
export const SHALLOW_TEXT_LENGTH = 2 * DEPTH_MAX

/** Statements in one text; each costs a walk and a record entry. */
export const STATEMENTS_MAX = 1000

/**
 * What the analysis of a text may cost beside what its length is worth, in visits of about 50 ns (see
 * budget.ts): some milliseconds. Twenty tables of a hundred columns, joined and selected by `*`, are
 * 30,000.
 */
export const WORK_BASE = 100_000

/**
 * Visits that a character is worth. Two characters are enough for one more value in a list, which is
 * a node or two, its part of the fingerprint and what its column reads.
 */
export const WORK_PER_CHARACTER = 4

/** Columns that may flow into one value; a table has at most 1,600. */
export const SOURCES_MAX = 20_000

/** Relations, and likewise routines, in one catalog look-up. */
export const LOOKUP_NAMES_MAX = 500

/** Relations, and routine names, that a scope remembers; beyond it the scope starts anew. */
export const CATALOG_ENTRIES_MAX = 20_000

/** Their columns together; each takes some 200 bytes. One relation has at most 1,600. */
export const CATALOG_COLUMNS_MAX = 200_000

/** Views inside views. PostgreSQL has no limit of its own; nobody stacks this many. */
export const VIEW_DEPTH_MAX = 32

/** Statement names shown in an operation's kind before the rest is counted. */
export const KIND_NAMES_MAX = 8
