import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { pastOperations } from '../../audit/sessions/history.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { safe, safeLines } from '../../core/safe-text.ts'
import type { Change, Rehearsal } from '../../policy/change/rehearse.ts'
import { createRehearsal } from '../../policy/change/rehearse.ts'
import { createPolicySet } from '../../policy/policy-set.ts'
import { contextOf } from '../common/context.ts'
import { NegativeResult } from '../common/failure.ts'
import type { Io } from '../common/io.ts'
import { loadPolicies } from '../common/policy-files.ts'

interface ReplayOptions {
  readonly since?: string
  readonly refusals: boolean
}

/** `policy replay`: what other policies would have decided on recorded operations. */
export function replayCommand(policy: Command, io: Io): void {
  policy
    .command('replay <folder> <records>')
    .description('run recorded operations through policies: what would they decide otherwise?')
    .option('--since <time>', 'only operations from then on: 2026-10-01')
    .option('--no-refusals', 'fail when anything that ran would be refused')
    .action(async (folder: string, records: string, options: ReplayOptions, command: Command) => {
      const policies = createPolicySet(await loadPolicies(folder))
      const rehearsal = createRehearsal(policies)
      let unreadable = 0
      const history = pastOperations({
        folder: existing(records),
        ...(options.since === undefined ? {} : { from_ms: timeOf(options.since) }),
        skipped: () => void unreadable++,
      })
      for await (const past of history) rehearsal.add(past)
      const result = rehearsal.result()
      contextOf(command, io).show({ ...result, unreadable }, () => textOf(result, unreadable))
      const refuses = result.changes.some(({ was, now }) => was === 'allow' && now === 'deny')
      if (!options.refusals && refuses) throw new NegativeResult()
    })
}

function existing(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder
  throw new ChaperoneError('REQUEST_INVALID', 'There is no such folder of records.', {
    place: { file: folder },
    hint: 'Name the folder that `records.folder` of the configuration names.',
  })
}

function timeOf(text: string): number {
  const at_ms = Date.parse(text)
  if (Number.isFinite(at_ms)) return at_ms
  throw new ChaperoneError('REQUEST_INVALID', `"${text}" is no time.`, {
    hint: 'Write a date, or a time as in 2026-10-01T12:00:00Z.',
  })
}

function textOf({ operations, changed, changes }: Rehearsal, unreadable: number): string {
  const left = unreadable === 0 ? '' : `${unreadable} records could not be used\n`
  const head = `${operations} operations, ${changed} would be decided otherwise\n`
  return changes.map(changeText).join('') + head + left
}

function changeText(change: Change): string {
  const { count, agent, resource, was, now, rules, code, accesses, last_ms, text, session } = change
  const by = rules.length > 0 ? ` by ${rules.join(', ')}` : ''
  return safeLines(
    `${was} -> ${now}${by}${code === undefined ? '' : ` (${code})`}: ${count} times\n` +
      `    ${safe(agent)} on ${safe(resource)}: ${accesses.map(safe).join(', ')}\n` +
      `    last ${new Date(last_ms).toISOString()} in session ${session}:\n` +
      `    ${safe(text)}\n`,
  )
}
