export interface Challenge {
  /** Where tokens are had: the gateway's own token service, with the tenant. */
  readonly authority: string
  /** Whom the token must be for. */
  readonly resource: string
}
