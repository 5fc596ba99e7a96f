import { open } from 'node:fs/promises'
import type { SteadyClock } from '../core/clock.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { CredentialSource } from './credential-source.ts'
import { CREDENTIAL_BYTES_MAX } from './limits.ts'
import type { TokenProvider } from './managed-identity.ts'
import { managedIdentityProvider } from './managed-identity.ts'
import { cacheTokens } from './token-cache.ts'

export type CredentialReference =
  | { readonly from: 'environment'; readonly variable: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'managed-identity'; readonly scope: string; readonly clientId?: string }

export interface CredentialHost {
  readonly clock: SteadyClock
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Makes the token provider of a managed identity; tests bring their own. */
  readonly managedIdentity?: (reference: { scope: string; clientId?: string }) => TokenProvider
}

export function openCredentialSource(
  reference: CredentialReference,
  host: CredentialHost,
): CredentialSource {
  if (reference.from === 'environment') {
    return environmentSource(reference.variable, host.environment ?? process.env)
  }
  if (reference.from === 'file') return fileSource(reference.path)
  return cacheTokens((host.managedIdentity ?? managedIdentityProvider)(reference), host.clock)
}

function environmentSource(
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
): CredentialSource {
  return {
    async fetch() {
      return usable(environment[variable] ?? '', `environment variable ${variable}`)
    },
  }
}

/** Read each time: sign-ins are rare beside statements, and a rotated file counts at once. */
function fileSource(path: string): CredentialSource {
  return {
    async fetch() {
      const where = `file ${path}`
      try {
        return usable((await readBounded(path)).replace(/\r?\n$/, ''), where)
      } catch (error) {
        throw asChaperoneError(error, 'TARGET_CREDENTIAL', WHAT, HINT)
      }
    },
  }
}

async function readBounded(path: string): Promise<string> {
  await using file = await open(path, 'r')
  const buffer = Buffer.alloc(CREDENTIAL_BYTES_MAX + 1)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
  if (bytesRead > CREDENTIAL_BYTES_MAX) throw missing(`The file ${path} is too large for a secret.`)
  return buffer.toString('utf8', 0, bytesRead)
}

/** A NUL would end the password early on the wire. */
function usable(secret: string, where: string): string {
  if (secret === '') throw missing(`The ${where} is empty or not set.`)
  if (secret.includes('\0')) throw missing(`The ${where} holds a NUL character.`)
  return secret
}

const WHAT = 'The credential for the target is not there.'
const HINT = "Set the resource's credential, and let the gateway's user read it."

/** Agents read the message; where the credential should be is for the log. */
function missing(detail: string): ChaperoneError {
  return new ChaperoneError('TARGET_CREDENTIAL', WHAT, { hint: HINT, cause: new Error(detail) })
}
