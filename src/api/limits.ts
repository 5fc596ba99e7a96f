/** Bounds of the API, with their reasons. */

/** One page of a list: enough for a screen, small enough to build in one go. */
export const PAGE_MAX = 200
export const PAGE_DEFAULT = 50

/** A search is typed by a person or put together by a link. */
export const SEARCH_CHARS_MAX = 1_000

/** What a policy question may carry: a statement as long as one that can be approved. */
export const EXPLAIN_CHARS_MAX = 64 * 1024

/** Free text of an agent's registration. */
export const TEXT_CHARS_MAX = 1_000

/** A token with many groups takes up to about 16 KiB; twice that is no honest one. */
export const TOKEN_CHARS_MAX = 32 * 1024

/** All request headers together: the token and what proxies add. */
export const HEADER_BYTES_MAX = 48 * 1024

/** A peer that is slow to send its head or body holds a socket, so it gets no longer. */
export const HEADERS_TIMEOUT_MS = 10_000
export const REQUEST_TIMEOUT_MS = 30_000
export const KEEP_ALIVE_MS = 60_000

/** People and their tools, not agents. */
export const CONNECTIONS_MAX = 1_000

/** Agents behind one address ask for tokens here, and leave as much for others. */
export const CONNECTIONS_PER_ADDRESS_MAX = 500

/** Where the caller says nothing else. */
export const BODY_BYTES_MAX = 1024 * 1024

/** Of whoever has not signed in: the longest token that is taken, and what stands beside it. */
export const FORM_BYTES_MAX = 64 * 1024
