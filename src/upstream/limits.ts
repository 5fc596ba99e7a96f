/** Reaching, securing and signing in to a target, all together. */
export const TARGET_TIMEOUT_MS = 10_000

/** Finds targets that vanished without a word; Azure's load balancers drop idle flows after 4 minutes. */
export const KEEP_ALIVE_MS = 60_000

/** Fetching one credential; the metadata service answers in well under a second, or not at all. */
export const CREDENTIAL_TIMEOUT_MS = 10_000

/** A token is replaced this long before it expires, so that no sign-in uses a dying one. */
export const CREDENTIAL_REFRESH_MS = 300_000

/** A secret file is a password or a token, never more. */
export const CREDENTIAL_BYTES_MAX = 65_536

/** Of several addresses of a host, the next is tried after this; Node's 250 ms fails across oceans. */
export const ADDRESS_ATTEMPT_MS = 1_500

/** A credential is looked up again after this: requests are many, and a rotated file counts soon. */
export const CREDENTIAL_FRESH_MS = 5_000
