import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Result = 'passed' | 'failed' | 'hung'

/** A copy of the tree in which changes are tried; the one that people work in is never touched. */
export interface Copy {
  readonly folder: string
  readonly files: readonly string[]
  remove(): void
}

export function copyTree(root: string): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-mutants-'))
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root })
  const files = String(listed).split('\0').filter(Boolean)
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return { folder, files, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs a file of tests; one that does not end in time is ended with its children. */
export async function runTest(folder: string, test: string, timeoutMs: number): Promise<Result> {
  const child = spawn(process.execPath, ['--test', test], {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  })
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, timeoutMs)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearTimeout(timer)
  return hung ? 'hung' : code === 0 ? 'passed' : 'failed'
}
