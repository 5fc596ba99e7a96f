import { readFileSync } from 'node:fs'
import { ChaperoneError } from '../core/errors.ts'
import type { SecretReference } from './schema.ts'

/**
 * Fetches a secret from where the configuration says it is. One line end at the end of a file is
 * not part of the secret. Throws ChaperoneError CONFIG_UNREADABLE, never with the content.
 */
export function readSecret(
  reference: SecretReference,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const secret =
    reference.from === 'environment' ? environment[reference.variable] : readFile(reference.path)
  if (secret === undefined || secret === '') throw unreadable(reference, undefined)
  return secret

  function readFile(path: string): string {
    try {
      return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      throw unreadable(reference, error)
    }
  }
}

function unreadable(reference: SecretReference, cause: unknown): ChaperoneError {
  const where =
    reference.from === 'environment'
      ? `environment variable ${reference.variable}`
      : `file ${reference.path}`
  return new ChaperoneError('CONFIG_UNREADABLE', `A secret cannot be read from ${where}.`, {
    cause,
    hint: 'Set it, and let the user that the gateway runs as read it.',
  })
}
