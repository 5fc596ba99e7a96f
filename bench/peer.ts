/** One way to the server: straight, or through a process in between. */
export interface Peer {
  readonly name: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** Tokens of several agents, since one agent may sign in only so often; none where the server trusts. */
  readonly tokens?: readonly string[]
  /** PEM file; with it the connection is by TLS. */
  readonly caFile?: string
  /** The process in between, whose CPU counts. */
  readonly pid?: number
}
