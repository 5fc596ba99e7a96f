import { setTimeout as delay } from 'node:timers/promises'
import { run } from '../src/cli/program.ts'
import { systemClock } from '../src/core/clock.ts'
import type { Stage } from './stage.ts'

/** Runs `chaperone …` as a person would, and gives what it printed as JSON. */
export async function asPerson(
  stage: Stage,
  who: 'dana' | 'root',
  ...words: readonly string[]
): Promise<unknown> {
  const token = await stage.personToken(who)
  return chaperone(stage, { CHAPERONE_TOKEN: token }, words)
}

/** As the agent's own script would, with its Entra token. */
export async function ticketFor(stage: Stage): Promise<string> {
  const CHAPERONE_AGENT_TOKEN = await stage.agentToken()
  const answer = await chaperone(stage, { CHAPERONE_AGENT_TOKEN }, ['token'])
  return (answer as { access_token: string }).access_token
}

/** The id of what waits for people. */
export async function pendingApproval(stage: Stage): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const list = (await asPerson(stage, 'dana', 'approvals', 'list')) as Items
    if (list.items[0] !== undefined) return list.items[0].id
    await delay(50)
  }
  throw new Error('nobody was asked')
}

/** What Dana reads before she answers. */
export async function asDanaSees(stage: Stage, id: string): Promise<Asked> {
  const shown = (await asPerson(stage, 'dana', 'approvals', 'show', id)) as {
    readonly kind: string
    readonly text: string
    readonly rules: readonly { readonly policy: string; readonly rule: string }[]
  }
  return {
    kind: shown.kind,
    rules: shown.rules.map(({ policy, rule }) => `${policy}/${rule}`),
    text: shown.text.split('\n').filter((line) => line.trim() !== ''),
  }
}

export interface Asked {
  readonly kind: string
  readonly rules: readonly string[]
  /** Lines. */
  readonly text: readonly string[]
}

export interface Items {
  readonly items: readonly {
    readonly id: string
    readonly live: boolean
    readonly resource: string
  }[]
}

async function chaperone(
  stage: Stage,
  environment: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<unknown> {
  const printed = { out: '', err: '' }
  const code = await run(['--json', ...words], {
    out: { write: (text) => void (printed.out += text), colour: false },
    err: { write: (text) => void (printed.err += text), colour: false },
    environment: {
      CHAPERONE_API: stage.apiUrl,
      CHAPERONE_CA: stage.authorityFile,
      ...environment,
    },
    folder: stage.folder,
    clock: systemClock,
    readInput: () => Promise.resolve(''),
    ask: undefined,
    sleep: () => Promise.resolve(),
  })
  if (code !== 0) throw new Error(`chaperone ${words.join(' ')}: ${printed.err}${printed.out}`)
  return JSON.parse(printed.out) as unknown
}
