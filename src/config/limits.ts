/**
 * Every bound that an operator may change, with its default and why it has that value. The bounds
 * exist so that one peer harms only itself; raising one is safe for correctness, not for memory.
 */
export const LIMIT_DEFAULTS = {
  // 70 KiB of memory each when idle, 190 KiB with TLS on both legs: up to 380 MiB.
  connectionsMax: 2000,
  // A pool of one agent seldom has more than 100; several agents may share one address.
  connectionsPerAddressMax: 500,
  // Ten fully used pools of ten connections each.
  sessionsPerAgentMax: 100,
  // TLS, startup packet and sign-in over a slow link; a stranger may hold a socket only this long.
  handshakeTimeout: '20s',
  // Name look-up, TCP, TLS and sign-in towards the target.
  targetConnectTimeout: '15s',
  // Brute force of tickets is hopeless anyway (256 bits). Beyond it wrong credentials are told no
  // reason and recorded in sum; good ones are let in still, for others share the address.
  failedSignInsPerMinute: 60,
  // One agent that opens a connection for each statement; a burst may have five times as many.
  signInsPerSecond: 100,
  // Generated statements of ORMs reach hundreds of KiB; the parser needs about 30 times the text.
  statementBytesMax: '1MiB',
  // One client message that must be seen whole before it is judged (Bind with large values).
  messageBytesMax: '64MiB',
  // Held in each direction while the other side is slow; then the socket is paused.
  bufferedBytesMax: '1MiB',
  // What agents can make the gateway hold beside their idle connections: unfinished and held messages,
  // prepared statements, bodies, rows. A quarter of it is only for agents that hold little.
  memoryMax: '1GiB',
  // Four of the largest messages at once, or a pool of a hundred with 2.5 MiB each.
  memoryPerAgentMax: '256MiB',
  // PostgreSQL itself has no bound; a client that leaks names should hear of it.
  preparedStatementsPerSessionMax: 10_000,
  // Applications have hundreds of statement shapes, generated SQL has thousands.
  statementCacheEntriesMax: 10_000,
  statementCacheBytesMax: '64MiB',
  // Held operations keep a connection and a human's attention.
  holdsPerAgentMax: 20,
  // Text of one operation in its record; longer text is cut there, with its hash kept.
  recordTextBytesMax: '64KiB',
  // What one agent may have recorded: some 700,000 statements at once, and 700 a second for good,
  // which is 90 GB a day. Beyond it the agent is refused, or it could fill the disk for all.
  recordBurstPerAgent: '1GiB',
  recordBytesPerAgentPerSecond: '1MiB',
  // API bodies are small documents.
  apiBodyBytesMax: '1MiB',
  // Time for running operations to end when the gateway stops.
  drainTimeout: '30s',
} as const

/** A gateway that should stop must stop: longer drains would fight the supervisor's own kill. */
export const DRAIN_MS_MAX = 600_000
