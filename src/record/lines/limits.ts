/** Every bound of records, with its reason. */

/** Twice what the classifier inspects at most, so that a judged text is always kept whole. */
export const TEXT_CHARS_MAX = 2 * 1024 * 1024

/** One parameter's readable part; what is longer keeps its length and hash, enough to prove it. */
export const PARAMETER_CHARS_MAX = 16 * 1024

/** All parameters of one operation together; a Bind message may carry 65,535 of them. */
export const PARAMETERS_CHARS_MAX = 1024 * 1024

/** A preview is for reading, not for copying a table out. */
export const PREVIEW_VALUE_CHARS_MAX = 512
export const PREVIEW_CHARS_MAX = 64 * 1024
export const PREVIEW_ROWS_MAX = 20

/** What a client says of itself, and other short texts that a peer chooses. */
export const SHORT_CHARS_MAX = 512

/** One piece of a terminal: a message of its connection. */
export const TERMINAL_CHARS_MAX = 64 * 1024

/** A note is one sentence with a few details. */
export const NOTE_CHARS_MAX = 4096
export const NOTE_DETAILS_MAX = 64

/** Big enough to compress well, small enough to read whole. */
export const SEGMENT_BYTES_MAX = 16 * 1024 * 1024

/** An idle gateway's records reach the sealed folders within this time. */
export const SEGMENT_AGE_MAX_MS = 60 * 60 * 1000

/** One zstd frame holds about so many bytes of lines; readers may skip whole frames. */
export const FRAME_BYTES = 256 * 1024

/** Left for the outcomes of what already runs, and for sealing, when the disk fills up. */
export const FREE_BYTES_MIN = 64 * 1024 * 1024

/** Of that, what people decide is still recorded into: a revocation, an answer to a request. */
export const FREE_BYTES_PEOPLE_PART = 1 / 4

/** How often an agent whose records are used up is told of in them. */
export const LIMITED_NOTE_MS = 10_000

/** What one agent may have recorded, where nothing else is said: see src/config/limits.ts. */
export const PER_AGENT = { burst: 1024 * 1024 * 1024, perSecond: 1024 * 1024 }

/** The free space is asked again after so much was written or so long has passed. */
export const FREE_CHECK_BYTES = 4 * 1024 * 1024
export const FREE_CHECK_MS = 500

/** Outcomes and closings that wait for the disk to come back. */
export const BACKLOG_BYTES_MAX = 64 * 1024 * 1024

/** Pauses between attempts while records cannot be written. */
export const RETRY_MIN_MS = 20
export const RETRY_MAX_MS = 1000

/** A disk that does not answer for so long is taken for gone; slow ones take a tenth of it. */
export const SYNC_MS_MAX = 10_000

/** Lines are turned into bytes in pieces of about this size. */
export const WRITE_CHARS = 1024 * 1024

/** How long an outcome may stay in memory: most then share a write with the next intent. */
export const UNWAITED_MS = 5

/** More records than one segment holds: a line is never shorter than a few hundred bytes. */
export const SEGMENT_RECORDS_MAX = 1_000_000

/** How often an idle gateway looks whether its segment is old. */
export const ROTATE_CHECK_MS = 60 * 1000
