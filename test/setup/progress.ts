import { relative } from 'node:path'
import { inspect } from 'node:util'
import { isExpected } from './skips.ts'

/** One test's result, as the runner of node:test tells it. */
export interface TestResult {
  readonly name: string
  readonly file?: string
  readonly nesting: number
  readonly skip?: string | boolean
  readonly details: { readonly error?: unknown; readonly type?: string | undefined }
}

export interface FileSummary {
  readonly file?: string | undefined
  readonly duration_ms: number
  readonly success: boolean
  readonly counts: { readonly passed: number; readonly skipped: number; readonly tests: number }
}

/** Prints a line for each file as it ends, what failed with the reason, and what was skipped and why. */
export interface Progress {
  passed(result: TestResult): void
  failed(result: TestResult): void
  output(file: string | undefined, text: string): void
  summary(summary: FileSummary): void
  /** Tells whether all is well. */
  end(): boolean
}

/** `complete`: a test that is skipped because something is missing counts as one that failed. */
export function showProgress(
  root: string,
  print: (text: string) => void,
  complete: boolean,
): Progress {
  const said = new Map<string, string>()
  const skipped: { readonly test: string; readonly reason: string }[] = []
  let failures = 0
  const where = (file: string | undefined) => (file === undefined ? '' : relative(root, file))

  const printOutput = (file: string) => {
    const output = said.get(file)
    if (output !== undefined) print(`${indent(output)}\n`)
    said.delete(file)
  }

  return {
    passed({ name, file, skip }) {
      if (skip === undefined || skip === false) return
      const reason = skip === true ? 'no reason given' : skip
      skipped.push({ test: `${where(file)} › ${name}`, reason })
    },
    failed({ name, file, details }) {
      if (isOnlyAParent(details.error)) return
      failures += 1
      if (name === file) {
        print(`✖ ${where(file)} did not run\n`)
        printOutput(file)
        return
      }
      print(`✖ ${where(file)} › ${name}\n${indent(describe(details.error))}\n`)
    },
    output(file, text) {
      said.set(file ?? '', (said.get(file ?? '') ?? '') + text)
    },
    summary({ file, counts, success, duration_ms }) {
      if (file === undefined) {
        print(`\n${counts.tests} tests: ${counts.passed} passed, ${failures} failed, `)
        print(`${counts.skipped} skipped, in ${(duration_ms / 1000).toFixed(1)} s\n`)
        return
      }
      print(
        `${success ? '✔' : '✖'} ${where(file)}  ${counts.tests}  ${Math.round(duration_ms)} ms\n`,
      )
      if (!success) printOutput(file)
    },
    end() {
      for (const [reason, tests] of Map.groupBy(skipped, ({ reason }) => reason)) {
        const which = tests.length > 1 ? `${tests.length} tests` : tests[0]!.test
        print(`skipped: ${which}: ${reason}\n`)
      }
      const missing = complete ? skipped.filter(({ reason }) => !isExpected(reason)) : []
      for (const { test, reason } of missing)
        print(`✖ may not be skipped here: ${test}: ${reason}\n`)
      return failures + missing.length === 0
    },
  }
}

function isOnlyAParent(error: unknown): boolean {
  return (error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed'
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause)
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ')
}
