/** Entra's tokens with many groups reach 16 KiB, and SDKs send a few KiB beside them. */
export const HEAD_BYTES_MAX = 65_536

/** A connection remembers its last head up to this, also while it rests: SDKs send some 2 KiB. */
export const REMEMBERED_HEAD_BYTES_MAX = 16_384

/** Far more than any client of the APIs behind the gateway sends. */
export const HEADERS_MAX = 160

/** Path and query. Resource ids and continuation tokens reach some 4 KiB. */
export const TARGET_BYTES_MAX = 16_384

/** Deeper than any resource id; each segment is one element for policies to match. */
export const SEGMENTS_MAX = 128
export const PARAMETERS_MAX = 256

/** One line that begins a chunk: 15 hex digits and an extension that nobody needs. */
export const CHUNK_LINE_BYTES_MAX = 256

export const TRAILER_BYTES_MAX = 16_384

/** Of a target's answer: a storage listing's metadata headers are the longest that are known. */
export const ANSWER_HEAD_BYTES_MAX = 131_072

/** Pieces of an answer go out together up to this: as much as one read of a socket brings. */
export const JOINED_BYTES = 65_536

/** Memory for them that waits to be used again: for so many downloads at once. */
export const JOINED_BUFFERS_KEPT = 64

/** Pipelined requests wait here while one is under way; then the socket is paused. */
export const AHEAD_BYTES_MAX = 65_536

/** What is left of a refused request's body is read and dropped up to this, to keep the connection. */
export const DRAIN_BYTES_MAX = 65_536

/** A held body waits in memory until people have answered. */
export const HELD_BODY_BYTES_MAX = 8_388_608

/** A preview is text for people. */
export const PREVIEW_ANSWER_BYTES_MAX = 4_194_304

/** From the first byte of a head to its last. A stranger may hold a connection only this long. */
export const HEAD_MS = 20_000

/** Between two requests. Go's clients keep connections for 90 s. */
export const CONNECTION_IDLE_MS = 120_000

/** A body may pause so long, or lag behind its slowest rate: see `paced`. */
export const BODY_IDLE_MS = 60_000

/** A tenth of the slowest mobile network: who sends slower wants to keep memory busy. */
export const BODY_BYTES_PER_SECOND_MIN = 1024

/** A client that takes nothing of its answer for so long is gone, or wants to keep memory busy. */
export const STALL_MS = 300_000

/** Until a target begins to answer. Long operations of Azure are polled, not waited for. */
export const FIRST_BYTE_MS = 300_000

/** Between two pieces of an answer: `logs -f` of a quiet container may say nothing for long. */
export const ANSWER_IDLE_MS = 3_600_000

/** Kept-alive connections to one target. */
export const POOL_IDLE_MAX = 64

/** All connections to one target; each carries one request. */
export const POOL_CONNECTIONS_MAX = 1024

/** A pooled connection is closed when nobody needed it for so long; Azure's front doors wait 4 minutes. */
export const POOL_IDLE_MS = 60_000

/** What cannot be repeated takes only a connection that was in use just now: Node's servers close after 5 s. */
export const POOL_FRESH_MS = 3_000

/** Deadlines are kept to this; one sweep is cheaper than a timer for each request. */
export const DEADLINE_SWEEP_MS = 500

/** Verified tokens that are remembered; each costs some 2 KiB. */
export const TOKENS_MAX = 10_000

/** Of an operation that is remembered because it may be asked for again, and of its text. */
export const OPERATION_CHARS_MAX = 8_192

/** Of all that a session remembers: some hundred of them. */
export const OPERATIONS_CHARS_MAX = 262_144

/** Tokens of ended sessions that are refused until they expire. */
export const REVOKED_MAX = 10_000

/** As browsers and servers have it; a stream costs some 10 KiB. */
export const H2_STREAMS_MAX = 100

/** Streams that a client may reset at once and each second (CVE-2023-44487). */
export const H2_RESET_BURST = 200
export const H2_RESET_RATE = 20

/** Between two records of what is typed, where much comes: what came meanwhile goes on together. */
export const TYPED_EVERY_MS = 5

/** Typed and recorded together, at most: a few reads of a socket. */
export const TYPED_BYTES_MAX = 65_536

/** How long output may stay in memory before it is recorded. */
export const TRANSCRIPT_WAIT_MS = 20

/** One record of it; records would cut a longer one. */
export const TRANSCRIPT_CHARS_MAX = 32_768

/** One WebSocket frame; kubectl sends at most 32 KiB in one. */
export const FRAME_BYTES_MAX = 4_194_304
