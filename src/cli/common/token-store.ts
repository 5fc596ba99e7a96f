import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ChaperoneError } from '../../core/errors.ts'

const storeSchema = z.record(
  z.string(),
  z.object({ token: z.string().min(1), expiresAt_ms: z.number() }),
)

export interface KeptToken {
  readonly token: string
  readonly expiresAt_ms: number
}

export interface TokenStore {
  get(api: string): KeptToken | undefined
  set(api: string, token: KeptToken): void
  /** False if there was none. */
  delete(api: string): boolean
}

/** People's tokens by API address, in a file that only its owner can read. */
export function createTokenStore(folder: string): TokenStore {
  const file = join(folder, 'tokens.json')

  function read(): Record<string, KeptToken> {
    const text = readOwn(file)
    if (text === undefined) return {}
    const parsed = storeSchema.safeParse(parseJson(text))
    return parsed.success ? parsed.data : {}
  }

  function write(tokens: Readonly<Record<string, KeptToken>>): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const fresh = `${file}.${process.pid}`
    writeFileSync(fresh, JSON.stringify(tokens), { mode: 0o600 })
    // The mode above counts only for a new file.
    chmodSync(fresh, 0o600)
    renameSync(fresh, file)
  }

  return {
    get: (api) => read()[api],
    set: (api, token) => write({ ...read(), [api]: token }),
    delete(api) {
      const { [api]: token, ...others } = read()
      if (token !== undefined) write(others)
      return token !== undefined
    },
  }
}

function readOwn(file: string): string | undefined {
  const facts = statSync(file, { throwIfNoEntry: false })
  if (facts === undefined) return undefined
  if ((facts.mode & 0o077) !== 0) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'Others can read the file of tokens.', {
      place: { file },
      hint: `Run: chmod 600 ${file}`,
    })
  }
  return readFileSync(file, 'utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
