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

/**
 * Tokens in one text: each makes a node or two, which are parsed, read and hashed in one piece, in one to
 * three microseconds together. As many parameters as PostgreSQL takes (65,535), each in a row of its own,
 * are 262,000.
 */
export const TOKENS_MAX = 270_000

/**
 * Longest text that PostgreSQL's scanner reads: it tells its tokens as JSON, which takes four times as long
 * as all the parsing. It is needed where a text alone does not say how deep it nests, and where a part of
 * it is hidden or replaced.
 */
export const SCAN_LENGTH_MAX = 65_536

/** Statements in one text; each costs a walk and a record entry. */
export const STATEMENTS_MAX = 1000

/**
 * What the analysis of a text may cost beside what its length is worth, in visits of about 50 ns (see
 * budget.ts): a few milliseconds. Twenty tables of a hundred columns, joined and selected by `*`, are
 * 30,000; what people's tools ask stays below 5,000.
 */
export const WORK_BASE = 40_000

/**
 * Visits that a character is worth. Two characters are enough for one more value in a list, which is
 * a node or two, its part of the fingerprint and what its column reads; most texts take one or two.
 */
export const WORK_PER_CHARACTER = 3

/**
 * Visits for parsing a character of what the catalog holds (a view, a policy), for which no text pays.
 * It takes more, once for as long as the catalog is remembered: this bounds what one text may have
 * parsed, to 80 KB of definitions.
 */
export const WORK_PER_STORED_CHARACTER = 0.5

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
