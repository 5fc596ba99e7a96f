import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Human } from '../core/principal.ts'
import type { Attempt } from '../identity/gatekeeper.ts'

export interface ApiEnv {
  /** `known` is called once the peer of the connection has proven who it is. */
  Bindings: Partial<HttpBindings & { known: () => void }>
  Variables: {
    requestId: string
    /** Set by `signedIn` on every route but the open ones. */
    human: Human
  }
}

/** The peer of the socket: what proxies claim in headers is anybody's claim. */
export function attemptOf(c: Context<ApiEnv>): Attempt {
  // `app.request()` passes no bindings at all, whatever the type says.
  const bindings = c.env as Partial<HttpBindings> | undefined
  return { clientAddress: bindings?.incoming?.socket.remoteAddress ?? 'unknown' }
}

/** The peer of the socket has proven who it is: nobody else gets its place. */
export function tellKnown(c: Context<ApiEnv>): void {
  const bindings = c.env as ApiEnv['Bindings'] | undefined
  bindings?.known?.()
}
