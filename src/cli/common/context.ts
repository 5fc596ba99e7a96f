import type { Command } from 'commander'
import { ChaperoneError } from '../../core/errors.ts'
import type { Api, CallOptions } from './api.ts'
import { createApi } from './api.ts'
import type { Io } from './io.ts'
import type { Row } from './text.ts'
import { json, table } from './text.ts'
import { createTokenStore } from './token-store.ts'

const API_DEFAULT = 'https://127.0.0.1:8443'

interface GlobalOptions {
  readonly api?: string
  readonly ca?: string
  readonly json?: boolean
}

/** What a command works with: the gateway, and how to show what it said. */
export interface Context {
  readonly io: Io
  readonly asJson: boolean
  api(): Api
  /** Calls the API as the person who signed in. */
  call(method: string, path: string, options?: Omit<CallOptions, 'token'>): Promise<unknown>
  /** `people` makes the text for a terminal; programs get `value`. */
  show(value: unknown, people: () => string): void
  table(head: readonly string[], rows: readonly Row[]): string
}

export function contextOf(command: Command, io: Io): Context {
  const options = command.optsWithGlobals<GlobalOptions>()
  const asJson = options.json === true
  const api = (): Api => {
    const caFile = options.ca ?? io.environment['CHAPERONE_CA']
    return createApi({
      address: options.api ?? io.environment['CHAPERONE_API'] ?? API_DEFAULT,
      ...(caFile === undefined || caFile === '' ? {} : { caFile }),
    })
  }
  return {
    io,
    asJson,
    api,
    async call(method, path, call = {}) {
      const gateway = api()
      return gateway.call(method, path, { ...call, token: personToken(gateway, io) })
    },
    show: (value, people) => io.out.write(asJson ? json(value) : people()),
    table: (head, rows) => table(head, rows, io.out.colour),
  }
}

/** From the environment, for programs; else the one that `login` kept. */
function personToken(api: Api, io: Io): string {
  const given = io.environment['CHAPERONE_TOKEN']
  if (given !== undefined && given !== '') return given
  const kept = createTokenStore(io.folder).get(api.address)
  if (kept === undefined || kept.expiresAt_ms <= io.clock.now_ms()) {
    throw new ChaperoneError(
      kept === undefined ? 'CREDENTIAL_MISSING' : 'TOKEN_EXPIRED',
      kept === undefined ? 'You are not signed in.' : 'Your sign-in has expired.',
      { hint: 'Run `chaperone login`.' },
    )
  }
  return kept.token
}
