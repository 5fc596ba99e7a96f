import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import { systemClock } from '../../core/clock.ts'

/** The outside as the commands see it, so that tests can be it. */
export interface Io {
  readonly out: Stream
  readonly err: Stream
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Folder for what is kept between runs. */
  readonly folder: string
  readonly clock: Clock
  readInput(): Promise<string>
  /** Asks a person; undefined when there is none at the terminal. */
  ask: ((question: string) => Promise<string>) | undefined
  sleep(time_ms: number): Promise<void>
}

export interface Stream {
  write(text: string): void
  readonly colour: boolean
}

export function systemIo(): Io {
  const environment = process.env
  const interactive = process.stdin.isTTY && process.stderr.isTTY
  return {
    out: streamOf(process.stdout, environment),
    err: streamOf(process.stderr, environment),
    environment,
    folder: join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'chaperone'),
    clock: systemClock,
    readInput: () => text(process.stdin),
    ask: interactive ? ask : undefined,
    sleep: (time_ms) => setTimeout(time_ms),
  }
}

function streamOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Stream {
  return {
    write: (line) => void stream.write(line),
    // https://no-color.org
    colour: stream.isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
  }
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
  }
}
