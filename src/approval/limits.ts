/** Bounds of approvals, with their reasons. */

/** More than people can look at; a flood from many agents is refused, not queued. */
export const PENDING_MAX = 1_000

/** One agent cannot hide its one dangerous request among many. */
export const PENDING_PER_AGENT_MAX = 20

/** What one agent may ask for within the window: asking and withdrawing must not flood people. */
export const ASKS_PER_AGENT_MAX = 60
export const ASKS_WINDOW_MS = 10 * 60_000

/**
 * A person must be able to read all of what is approved. Nothing is cut (the end could hide what the
 * start does not show), so what is longer cannot be held.
 */
export const TEXT_CHARS_MAX = 64 * 1024
export const PARAMETERS_CHARS_MAX = 64 * 1024

/** A reason is for people and lands in every record of the answer. */
export const REASON_CHARS_MAX = 2_000

/** One page of a list. */
export const LIST_MAX = 200

/** Rows read for one page, where most of them may not be shown to this person. */
export const LIST_SCAN_MAX = 2_000

/** Settled requests stay readable here for a year and a quarter; the records keep them for longer. */
export const SETTLED_KEPT_MS = 456 * 24 * 3_600_000

/** What "recent history" of an agent means. */
export const HISTORY_MS = 30 * 24 * 3_600_000

/** setTimeout turns longer delays into none. */
export const TIMER_MS_MAX = 2 ** 31 - 1

/** A request without a sane deadline would be a forgotten one. */
export const EXPIRES_MS_MAX = 7 * 24 * 3_600_000

/** Webhooks: deliveries waiting for one receiver; the newest are refused beyond it. */
export const WEBHOOK_QUEUE_MAX = 200

/** Five attempts over about two and a half minutes; the request itself seldom lives longer than 15. */
export const WEBHOOK_RETRY_MS: readonly number[] = [1_000, 5_000, 25_000, 120_000]

/** From connect to the status line. */
export const WEBHOOK_TIMEOUT_MS = 10_000

/** Requests to one receiver at once. */
export const WEBHOOK_ACTIVE_MAX = 4

/** What Standard Webhooks asks for as the least. */
export const WEBHOOK_SECRET_BYTES_MIN = 24
