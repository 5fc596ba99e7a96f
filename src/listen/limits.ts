/** Connections of one listener; each costs a few descriptors and buffers. */
export const CONNECTIONS_MAX = 4_096

/** Connections of one address: a pool or two, not the whole listener. */
export const CONNECTIONS_PER_ADDRESS_MAX = 512

/** Finds clients that vanished without a word; the system's own default is two hours. */
export const KEEP_ALIVE_MS = 60_000

/** How long a peer gets to read why it was refused. */
export const FAREWELL_MS = 2_000

/** How often certificate files are looked at. */
export const CERTIFICATE_POLL_MS = 10_000

/** The development authority's certificates: the server's is renewed in its last month. */
export const AUTHORITY_DAYS = 3_650
export const CERTIFICATE_DAYS = 90
export const CERTIFICATE_RENEW_DAYS = 30
