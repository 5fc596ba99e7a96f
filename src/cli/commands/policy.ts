import type { Command } from 'commander'
import { safe, safeLines } from '../../core/safe-text.ts'
import { formatPlace, InvalidDocument } from '../../document/problems.ts'
import { VOCABULARIES } from '../../main/vocabularies.ts'
import type { CaseResult } from '../../policy/change/cases.ts'
import { parseCases, runCases } from '../../policy/change/cases.ts'
import { diffPolicies } from '../../policy/change/diff.ts'
import { formatDiff, givesNothing } from '../../policy/change/format-diff.ts'
import { lintPolicies } from '../../policy/change/lint.ts'
import type { Warning } from '../../policy/change/warnings.ts'
import { createPolicySet } from '../../policy/policy-set.ts'
import { contextOf } from '../common/context.ts'
import { NegativeResult, report } from '../common/failure.ts'
import type { Io } from '../common/io.ts'
import { loadClassifier, loadPolicies, readTextFile } from '../common/policy-files.ts'
import { counted, paint } from '../common/text.ts'
import { explainCommand } from './policy-explain.ts'
import { initCommand } from './policy-init.ts'
import { replayCommand } from './policy-replay.ts'

/** `policy …`: what is done with policy files, without a gateway. */
export function policyCommands(program: Command, io: Io): void {
  const policy = program.command('policy').description('policy files; needs no gateway')
  initCommand(policy, io)
  checkCommand(policy, io)
  testCommand(policy, io)
  explainCommand(policy, io)
  diffCommand(policy, io)
  replayCommand(policy, io)
}

function checkCommand(policy: Command, io: Io): void {
  policy
    .command('check <folder>')
    .description('say what is wrong with policies, and what is strange')
    .option('--strict', 'warnings are failures')
    .action(async (folder: string, options: { strict?: true }, command: Command) => {
      const context = contextOf(command, io)
      try {
        const { policies, version } = await loadPolicies(folder)
        const warnings = lintPolicies(policies, VOCABULARIES)
        context.show({ valid: true, version, policies: policies.length, warnings }, () =>
          [
            ...warnings.map(warningText),
            `${folder} is valid: ${counted(policies.length, 'policy', 'policies')}, `,
            `${counted(warnings.length, 'warning', 'warnings')}\n`,
          ].join(''),
        )
        if (options.strict === true && warnings.length > 0) throw new NegativeResult()
      } catch (error) {
        if (!(error instanceof InvalidDocument)) throw error
        report(error, io, context.asJson)
        throw new NegativeResult()
      }
    })
}

function warningText({ kind, message, policy, rule, place }: Warning): string {
  return `${safe(formatPlace(place))}: ${kind}: ${safe(message)} (${policy}/${rule})\n`
}

function testCommand(policy: Command, io: Io): void {
  policy
    .command('test <folder> <cases...>')
    .description('run cases against policies')
    .action(async (folder: string, files: readonly string[], _options, command: Command) => {
      const context = contextOf(command, io)
      const set = createPolicySet(await loadPolicies(folder))
      const parsed = (await Promise.all(files.map(readTextFile))).map(parseCases)
      const classify = await loadClassifier()
      const now_ms = io.clock.now_ms()
      const results = parsed.flatMap((cases) => runCases(set, cases, classify, now_ms))
      const failed = results.filter(({ passed }) => !passed).length
      context.show(
        { passed: results.length - failed, failed, results },
        () =>
          results.map((one) => resultText(one, io.out.colour)).join('') +
          `${results.length - failed} passed, ${failed} failed\n`,
      )
      if (failed > 0) throw new NegativeResult()
    })
}

function resultText({ name, place, passed, problems }: CaseResult, colour: boolean): string {
  const word = passed ? 'pass' : 'FAIL'
  const mark = colour ? paint(passed ? 'green' : 'red', word) : word
  if (passed) return `${mark}  ${safe(name)}\n`
  const lines = [formatPlace({ ...place }), ...problems].map((one) => `      ${safe(one)}\n`)
  return `${mark}  ${safe(name)}\n${lines.join('')}`
}

function diffCommand(policy: Command, io: Io): void {
  policy
    .command('diff <old> <new>')
    .description('what a change of policies grants and takes away')
    .option('--no-grants', 'fail when anything is granted, or guarded less')
    .action(async (old: string, fresh: string, options: { grants: boolean }, command: Command) => {
      const before = await loadPolicies(old)
      const after = await loadPolicies(fresh)
      const diff = diffPolicies(before.policies, after.policies)
      contextOf(command, io).show(diff, () => safeLines(formatDiff(diff)))
      if (!options.grants && !givesNothing(diff)) throw new NegativeResult()
    })
}
