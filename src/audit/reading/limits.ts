/** Every bound of reading records back, with its reason. */

/**
 * The longest segment that is read: far above any sensible `records.segmentBytes`, and low enough
 * that a file made to unpack without end does not fill the memory.
 */
export const SEGMENT_READ_BYTES_MAX = 1024 * 1024 * 1024

/** Lines are handed over in runs of about this size, so that whoever shares the thread gets a turn. */
export const BATCH_BYTES = 128 * 1024

/** After an outage records may be written that much later than they happened. */
export const LATE_MAX_MS = 24 * 60 * 60 * 1000

/** How far a clock that is set back may put a record outside its segment's time. */
export const CLOCK_SLACK_MS = 5 * 60 * 1000

/** One page of a search reads so many bytes of records; then it ends early, and `next` goes on. */
export const SCAN_BYTES_MAX = 4 * 1024 * 1024 * 1024

/** Who ended a session is noted just after it; so long is looked for it. */
export const AFTER_CLOSE_MS = 60 * 1000

/** More than anybody reads in one go; what follows is found by `session:` in a search. */
export const TIMELINE_RECORDS_MAX = 20_000
export const TIMELINE_BYTES_MAX = 64 * 1024 * 1024

/** Records of operations whose beginning is not met; only damage makes many of them. */
export const JOIN_PENDING_MAX = 100_000

/** Parts of one search; each is looked for in every record. */
export const SEARCH_TERMS_MAX = 50

/** A compressed stream may hold the mark of a frame by chance; so many pieces are tried as one. */
export const FRAME_PIECES_MAX = 4
