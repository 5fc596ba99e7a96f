/** An Entra token with 200 groups, its own limit before it says "overage", has about 10 KiB. */
export const TOKEN_BYTES_MAX = 16_384

/** Clocks of machines that sync their time differ by far less. */
export const CLOCK_SKEW_MS = 60_000

/** Entra gives managed identities tokens that live a day. */
export const TOKEN_AGE_MAX_MS = 24 * 3_600_000

/** A key that the provider withdrew is refused after this at the latest. */
export const KEYS_REFRESH_MS = 3_600_000

/** Tokens with invented key ids must not make the gateway hammer the provider. */
export const KEYS_UNKNOWN_REFRESH_MS = 300_000

/** After a failed fetch: the next token soon tries again, a flood of tokens does not. */
export const KEYS_RETRY_MS = 10_000

/** How long known keys are trusted while the provider cannot be reached. */
export const KEYS_STALE_MAX_MS = 6 * 3_600_000

/** Entra publishes fewer than ten. */
export const KEYS_MAX = 100
export const KEY_ID_LENGTH_MAX = 256

/** Keys, discovery documents and group lists are far below this. */
export const RESPONSE_BYTES_MAX = 1_048_576

/** For a whole exchange with a provider; a client waits in its handshake meanwhile. */
export const FETCH_TIMEOUT_MS = 5_000

/** Graph answers at most 2,046 (11,000 for some objects); a longer list is not believed. */
export const GROUPS_MAX = 12_000
export const CLAIM_LENGTH_MAX = 512

/** Groups asked from Graph keep this long; a token carries its groups for an hour. */
export const GROUPS_KEEP_MS = 300_000
export const GROUPS_ENTRIES_MAX = 1_000

/** What the gateway issues. A token of its own never outlives the token it was given for. */
export const GATEWAY_TOKEN_LIFETIME_MAX_MS = 3_600_000
export const TICKET_LIFETIME_MAX_MS = 24 * 3_600_000
export const ISSUED_LIFETIME_MIN_MS = 1_000

/** 256 bits: cannot be guessed, and still fits where FreeTDS cuts passwords at 128 characters. */
export const TICKET_RANDOM_BYTES = 32

/** The gateway's signing keys: a day of use, and the past key is good for what it signed. */
export const SIGNING_KEY_ROTATE_MS = 24 * 3_600_000

/** Failures that one address may make in a burst, and how fast it earns new ones. */
export const ADDRESS_FAILURES_BURST = 60
export const ADDRESS_FAILURES_PER_SECOND = 1

/**
 * Signatures that are checked at each door for an address that has failed too often: some 0.1 ms
 * each, so that a flood takes two hundredths of a core, and a good token is mostly let in.
 */
export const TRIALS_BURST = 400
export const TRIALS_PER_SECOND = 200

/** Digests of credentials that were good; some 100 bytes each. */
export const GOOD_CREDENTIALS_MAX = 20_000

/** Refused sign-ins that are recorded each by itself, of all addresses; some 0.7 KiB each. */
export const REFUSALS_TOLD_BURST = 1_000
export const REFUSALS_TOLD_PER_SECOND = 50

/** Sign-ins of one principal; a pool that reconnects opens tens of connections at once. */
export const PRINCIPAL_ATTEMPTS_BURST = 500
export const PRINCIPAL_ATTEMPTS_PER_SECOND = 100

/** Buckets kept in memory: about 100 bytes each. */
export const BUCKETS_MAX = 20_000

/** A registry file is written by people. */
export const AGENT_TEXT_MAX = 1_024
export const AGENT_LABELS_MAX = 64
