import { CREDENTIAL_TIMEOUT_MS } from './limits.ts'

export interface Token {
  readonly secret: string
  readonly expiresAt_ms: number
}

/** Gets a new token; rejects with whatever went wrong. */
export type TokenProvider = () => Promise<Token>

/**
 * Asks Azure for a token of the gateway's own managed identity. The SDK is loaded when it is first
 * needed: it is large, and most set-ups outside Azure never use it.
 */
export function managedIdentityProvider(reference: {
  readonly scope: string
  readonly clientId?: string
}): TokenProvider {
  return async () => {
    const { ManagedIdentityCredential } = await import('@azure/identity')
    const credential =
      reference.clientId === undefined
        ? new ManagedIdentityCredential()
        : new ManagedIdentityCredential({ clientId: reference.clientId })
    const token = await credential.getToken(reference.scope, {
      abortSignal: AbortSignal.timeout(CREDENTIAL_TIMEOUT_MS),
    })
    return { secret: token.token, expiresAt_ms: token.expiresOnTimestamp }
  }
}
