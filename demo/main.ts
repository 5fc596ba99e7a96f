import { once } from 'node:events'
import { inspect, parseArgs, styleText } from 'node:util'
import { cast } from './agent.ts'
import { byHand } from './by-hand.ts'
import { setStage } from './stage.ts'
import type { Cast } from './step.ts'
import { STORY } from './story.ts'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    stay: { type: 'boolean', default: false },
  },
})

interface Told {
  readonly step: string
  readonly ok: boolean
  readonly title: string
  readonly did: string
  readonly saw?: unknown
  readonly error?: string
}

/** For people: a headline, what was done, what was seen. For programs: one JSON line a step. */
function tell(step: Told): void {
  if (options.json) {
    console.log(JSON.stringify(step))
    return
  }
  const failed = step.error !== undefined
  console.log(
    `\n${paint(failed ? 'red' : 'green', failed ? '✗' : '✓')} ${paint('bold', step.title)}`,
  )
  console.log(paint('dim', `  $ ${step.did}`))
  const seen = failed ? step.error : step.saw
  const text = typeof seen === 'string' ? seen : inspect(seen, { depth: 5, breakLength: 100 })
  console.log(text.replace(/^/gm, '    '))
}

function paint(style: 'red' | 'green' | 'bold' | 'dim' | 'underline', text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text
}

/** False as soon as a step is not as promised. */
async function play(actors: Cast): Promise<boolean> {
  for (const { title: headline, steps } of STORY) {
    if (!options.json) console.log(`\n${paint('underline', headline)}`)
    for (const step of steps) {
      const { id, title, did } = step
      // The agent that --stay hands over must still be let in.
      if (options.stay && id === 'revoked') continue
      try {
        tell({ step: id, ok: true, title, did, saw: await step.play(actors) })
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        tell({ step: id, ok: false, title, did, error: text })
        return false
      }
    }
  }
  return true
}

if (!options.json)
  console.log(
    'Starting emulators of Entra, Kubernetes and Azure, an embedded PostgreSQL and the gateway…',
  )
const stage = await setStage()
let failed = false
try {
  const actors = await cast(stage)
  failed = !(await play(actors))
  await actors.agent.end().catch(() => {})
  if (options.stay && !failed) {
    console.log(await byHand(stage))
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  }
} finally {
  await stage.close()
}
if (!options.json) console.log(failed ? '\nThe demo failed.' : '\nThat is the whole story.')
process.exitCode = failed ? 1 : 0
