/**
 * Every code that a person or a program can meet, with its SQLSTATE and HTTP status. The union is
 * closed: branch on codes, never on messages. docs/errors.md is written from this table.
 */
export const CODES = {
  // Policy
  POLICY_DENIED: { sqlstate: '42501', http: 403, means: 'a deny rule matched' },
  POLICY_NO_MATCH: { sqlstate: '42501', http: 403, means: 'no rule allows it' },
  POLICY_CONDITION_ERROR: { sqlstate: '42501', http: 403, means: 'a rule failed while deciding' },
  POLICY_CHANGED: {
    sqlstate: '57P01',
    http: 503,
    means: 'what may be shown of it was changed while it was under way',
  },
  POLICY_INVALID: { sqlstate: '42501', http: 422, means: 'a policy file is not valid' },
  MASKED_PREDICATE: {
    sqlstate: '42501',
    http: 403,
    means: 'a condition reads a masked column, and the rule forbids that',
  },
  ROW_LIMIT: { sqlstate: '54000', http: 403, means: 'the row limit of a rule was reached' },
  // Approvals
  APPROVAL_PENDING: { sqlstate: '00000', http: 202, means: 'a human was asked' },
  APPROVAL_DENIED: { sqlstate: '42501', http: 403, means: 'a human refused the held operation' },
  APPROVAL_EXPIRED: { sqlstate: '42501', http: 403, means: 'nobody answered in time' },
  APPROVAL_WITHDRAWN: { sqlstate: '57014', http: 409, means: 'the agent withdrew its request' },
  APPROVAL_UNAVAILABLE: { sqlstate: '42501', http: 503, means: 'holds cannot be kept right now' },
  APPROVAL_NOT_FOUND: { sqlstate: '42501', http: 404, means: 'no such approval request' },
  APPROVAL_CLOSED: { sqlstate: '42501', http: 409, means: 'the request is already decided' },
  APPROVAL_NOT_ALLOWED: { sqlstate: '42501', http: 403, means: 'this person may not decide it' },
  APPROVAL_REASON_MISSING: { sqlstate: '42501', http: 422, means: 'the rule wants a reason' },
  APPROVAL_SUPERSEDED: {
    sqlstate: '42501',
    http: 409,
    means: 'the policies decide otherwise by now than when people were asked',
  },
  APPROVAL_STALE: {
    sqlstate: '42501',
    http: 409,
    means: 'what was approved would change something else by now',
  },
  // Classification
  SQL_SYNTAX: { sqlstate: '42601', http: 400, means: 'the statement cannot be parsed' },
  SQL_UNRESOLVED: {
    sqlstate: '42501',
    http: 403,
    means: 'a name in the statement could not be resolved, so it cannot be judged',
  },
  SQL_UNSUPPORTED: { sqlstate: '0A000', http: 403, means: 'a statement that cannot be judged' },
  SQL_ENCODING: {
    sqlstate: '22021',
    http: 400,
    means: 'text that both sides may read differently',
  },
  SQL_TOO_LARGE: { sqlstate: '54000', http: 413, means: 'too large to inspect' },
  SQL_TOO_COMPLEX: {
    sqlstate: '54001',
    http: 413,
    means: 'telling what it does would take more work than its length is worth',
  },
  REQUEST_UNSUPPORTED: {
    sqlstate: '0A000',
    http: 403,
    means: 'an API request that cannot be judged',
  },
  REQUEST_SIGNED: {
    sqlstate: '28000',
    http: 403,
    means: 'a signature, key or token of its own stands in the request',
  },
  LINK_UNKNOWN: {
    sqlstate: '42501',
    http: 403,
    means: 'a link to poll or to the next page that was not given to this session',
  },
  MASK_UNPROVABLE: {
    sqlstate: '42501',
    http: 403,
    means: 'the answer cannot be proven free of masked values',
  },
  // Identity
  CREDENTIAL_MISSING: { sqlstate: '28P01', http: 401, means: 'no token was presented' },
  CREDENTIAL_MALFORMED: { sqlstate: '28P01', http: 401, means: 'neither a token nor a ticket' },
  TOKEN_ALGORITHM: { sqlstate: '28P01', http: 401, means: 'the signing algorithm is not accepted' },
  TOKEN_SIGNATURE: { sqlstate: '28P01', http: 401, means: 'the signature is wrong' },
  TOKEN_KEY_UNKNOWN: { sqlstate: '28P01', http: 401, means: 'no published key has this key id' },
  TOKEN_TOO_LARGE: { sqlstate: '28P01', http: 401, means: 'the token is over its bound' },
  TOKEN_TYPE: { sqlstate: '28P01', http: 401, means: 'not a bearer access token' },
  TOKEN_ISSUER: { sqlstate: '28P01', http: 401, means: 'the issuer is not trusted' },
  TOKEN_TENANT: { sqlstate: '28P01', http: 401, means: 'issuer, tenant and key do not agree' },
  TOKEN_AUDIENCE: { sqlstate: '28P01', http: 401, means: 'the token is meant for someone else' },
  TOKEN_EXPIRED: { sqlstate: '28P01', http: 401, means: 'the token has expired' },
  TOKEN_NOT_YET_VALID: { sqlstate: '28P01', http: 401, means: 'the token is not valid yet' },
  TOKEN_TOO_OLD: { sqlstate: '28P01', http: 401, means: 'the token was issued too long ago' },
  TOKEN_CLAIM_MISSING: {
    sqlstate: '28P01',
    http: 401,
    means: 'a needed claim is missing or malformed',
  },
  TOKEN_NOT_AGENT: { sqlstate: '28P01', http: 403, means: 'a human token opens no agent door' },
  TOKEN_NOT_HUMAN: { sqlstate: '28P01', http: 403, means: 'an agent token opens no human door' },
  TOKEN_GROUPS_UNAVAILABLE: {
    sqlstate: '28P01',
    http: 503,
    means: 'group membership could not be read',
  },
  PROVIDER_UNAVAILABLE: { sqlstate: '28000', http: 503, means: 'signing keys could not be read' },
  TICKET_UNKNOWN: { sqlstate: '28P01', http: 401, means: 'no such ticket, or it was revoked' },
  TICKET_EXPIRED: { sqlstate: '28P01', http: 401, means: 'the ticket has expired' },
  TICKET_RESOURCE: { sqlstate: '28P01', http: 403, means: 'the ticket is for another resource' },
  AGENT_UNKNOWN: { sqlstate: '28000', http: 403, means: 'the principal is not registered' },
  AGENT_DISABLED: { sqlstate: '28000', http: 403, means: 'the agent is disabled' },
  AGENT_EXPIRED: { sqlstate: '28000', http: 403, means: 'the agent registration has expired' },
  AGENT_CONFLICT: { sqlstate: '28000', http: 409, means: 'an agent with this name or id exists' },
  AGENT_READ_ONLY: { sqlstate: '28000', http: 409, means: 'the agent is declared in a file' },
  AGENT_NOT_FOUND: { sqlstate: '28000', http: 404, means: 'no such agent' },
  HUMAN_ROLE_MISSING: { sqlstate: '28000', http: 403, means: 'the person lacks the role' },
  RATE_LIMITED: { sqlstate: '53300', http: 429, means: 'too many attempts' },
  // Sessions
  RESOURCE_UNKNOWN: { sqlstate: '3D000', http: 404, means: 'no such resource' },
  RESOURCE_NOT_GRANTED: { sqlstate: '28000', http: 403, means: 'no policy gives the agent this' },
  SESSION_REVOKED: { sqlstate: '57P01', http: 403, means: 'access was revoked' },
  SESSION_EXPIRED: { sqlstate: '57P05', http: 403, means: 'the session reached its longest life' },
  SESSION_IDLE: { sqlstate: '57P05', http: 408, means: 'the session was idle for too long' },
  SESSION_NOT_FOUND: { sqlstate: '57P01', http: 404, means: 'no such session' },
  SESSION_LIMIT: { sqlstate: '53300', http: 503, means: 'too many sessions' },
  MEMORY_LIMIT: {
    sqlstate: '53200',
    http: 503,
    means: 'what the gateway may hold in memory for the agent, or for all, is used up',
  },
  SHUTTING_DOWN: { sqlstate: '57P01', http: 503, means: 'the gateway is stopping' },
  // Protocol
  PROTOCOL_VIOLATION: { sqlstate: '08P01', http: 400, means: 'the peer broke the protocol' },
  PROTOCOL_UNSUPPORTED: {
    sqlstate: '0A000',
    http: 501,
    means: 'a part of the protocol not served',
  },
  PROTOCOL_TIMEOUT: { sqlstate: '08006', http: 408, means: 'the peer was too slow' },
  MESSAGE_TOO_LARGE: { sqlstate: '54000', http: 413, means: 'a message is over its bound' },
  TLS_REQUIRED: { sqlstate: '28000', http: 403, means: 'plain text is refused' },
  // Targets
  TARGET_UNREACHABLE: { sqlstate: '08001', http: 502, means: 'the target cannot be reached' },
  TARGET_TLS: { sqlstate: '08001', http: 502, means: 'the target has no trustworthy TLS' },
  TARGET_AUTH: { sqlstate: '08004', http: 502, means: 'the target refused the gateway' },
  TARGET_PROTOCOL: { sqlstate: '08P01', http: 502, means: 'the target broke the protocol' },
  TARGET_CREDENTIAL: { sqlstate: '08004', http: 502, means: 'the target credential is not there' },
  TARGET_LOST: { sqlstate: '08006', http: 502, means: 'the target went away' },
  // Records
  RECORD_UNAVAILABLE: { sqlstate: '58030', http: 503, means: 'the record cannot be written' },
  RECORD_LIMIT: {
    sqlstate: '53400',
    http: 429,
    means: 'what may be recorded of the agent for now is used up',
  },
  RECORD_CORRUPT: { sqlstate: '58030', http: 500, means: 'a record file is damaged' },
  SEARCH_SYNTAX: { sqlstate: '42601', http: 400, means: 'the search cannot be read' },
  // Configuration and API
  CONFIG_INVALID: { sqlstate: '58000', http: 422, means: 'the configuration is not valid' },
  CONFIG_UNREADABLE: { sqlstate: '58000', http: 500, means: 'a configured file cannot be read' },
  REQUEST_INVALID: { sqlstate: '22023', http: 422, means: 'the request is not valid' },
  ROUTE_UNKNOWN: { sqlstate: '22023', http: 404, means: 'the API has no such address or method' },
  CONTENT_TYPE: {
    sqlstate: '22023',
    http: 415,
    means: 'the body is of another type than asked for',
  },
  STATE_UNAVAILABLE: { sqlstate: '58030', http: 503, means: 'the state store cannot be used' },
  API_UNREACHABLE: { sqlstate: '08001', http: 502, means: 'the gateway API cannot be reached' },
  INTERNAL: { sqlstate: 'XX000', http: 500, means: 'a broken invariant; the operation is refused' },
} as const satisfies Record<string, CodeFacts>

interface CodeFacts {
  readonly sqlstate: string
  readonly http: number
  readonly means: string
}

export type Code = keyof typeof CODES
