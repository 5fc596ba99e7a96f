/** A client has this long from its first byte to its password, however it drips them. */
export const HANDSHAKE_TIMEOUT_MS = 15_000

/** PostgreSQL's own bound (MAX_STARTUP_PACKET_LENGTH); settings are short. */
export const STARTUP_BYTES_MAX = 10_000

/** Entra tokens with many groups reach about 10 KB; PostgreSQL itself takes 64 KiB. */
export const PASSWORD_BYTES_MAX = 65_536

/** What a target may send in one message before it is ready: errors and notices are short. */
export const TARGET_MESSAGE_BYTES_MAX = 65_536

/** Messages before ReadyForQuery: about 20 ParameterStatus, a few notices; more is a broken peer. */
export const TARGET_MESSAGES_MAX = 500

/** RFC 7677 section 4 asks for at least 4096, which is also PostgreSQL's default. */
export const SCRAM_ITERATIONS_MIN = 4_096

/** A hostile target must not buy minutes of CPU; this is about half a second. */
export const SCRAM_ITERATIONS_MAX = 1_000_000

/** Cancel requests that one session takes in a window; psql sends one for each Ctrl-C. */
export const CANCELS_PER_WINDOW_MAX = 60
export const CANCEL_WINDOW_MS = 10_000
