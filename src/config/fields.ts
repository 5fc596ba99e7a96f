import { resolve } from 'node:path'
import { z } from 'zod'

/** A path; relative ones are relative to `base`, the folder of the configuration file. */
export function path(base: string, description: string) {
  return z
    .string()
    .min(1, 'must not be empty')
    .refine((text) => !text.includes('-----BEGIN'), {
      error: 'must be the path of a file, not its content',
      params: { hint: 'secrets are never written here; put the key in a file of its own' },
      abort: true,
    })
    .refine((text) => !text.includes('\0'), { error: 'must be a path', abort: true })
    .transform((text) => resolve(base, text))
    .describe(description)
}

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
  .describe('Name of an environment variable of the gateway process.')

export function environmentSource() {
  return { from: z.literal('environment'), variable: variableName }
}

export function fileSource(base: string) {
  return {
    from: z.literal('file'),
    path: path(base, 'File that holds the secret; one line end at its end is not part of it.'),
  }
}

/** Where a secret is. The secret itself has no place in the configuration. */
export function secretReference(base: string, description: string) {
  return z
    .discriminatedUnion('from', [
      z.strictObject(environmentSource()),
      z.strictObject(fileSource(base)),
    ])
    .describe(description)
}

export const name = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be a DNS label: a-z, 0-9 and inner -, at most 63',
  )

/** An https URL, or http towards this machine. Never with credentials in it. */
export function url(description: string) {
  return z
    .string()
    .superRefine((text, context) => {
      const problem = urlProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .describe(description)
}

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL'
  const parsed = new URL(text)
  if (parsed.username !== '' || parsed.password !== '') return 'must not hold a user or a password'
  if (parsed.protocol === 'https:') return undefined
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname)
  return parsed.protocol === 'http:' && local ? undefined : 'must be an https URL'
}

/** One text, or a list of them; becomes a list. */
export function textOrList(description: string) {
  const text = z.string().min(1, 'must not be empty')
  return z
    .union([text, z.array(text).min(1, 'must have at least one entry')])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .describe(description)
}
