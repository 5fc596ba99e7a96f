import type { ChildProcess } from 'node:child_process'
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
  /** Where Node keeps what it compiled. */
  readonly cache: string
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
  const cache = mkdtempSync(join(tmpdir(), 'chaperone-compiled-'))
  const remove = () => {
    for (const one of [folder, cache]) rmSync(one, { recursive: true, force: true })
  }
  return { folder, files, cache, remove }
}

/** Runs files of tests in one process until one fails; one that does not end in time is ended. */
export async function runTests(
  { folder, cache }: Pick<Copy, 'folder' | 'cache'>,
  tests: readonly string[],
  timeoutMs: number,
): Promise<Result> {
  const words = ['--test', '--test-isolation=none', '--test-reporter=tap', ...tests]
  const child = spawn(process.execPath, words, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_COMPILE_CACHE: cache },
  })
  const result = await new Promise<Result>((resolve) => {
    const timer = setTimeout(() => resolve('hung'), timeoutMs)
    let tail = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      tail = tail.slice(tail.lastIndexOf('\n') + 1) + text
      if (/^ *not ok /m.test(tail)) resolve('failed')
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve(code === 0 ? 'passed' : 'failed')
    })
  })
  await endGroup(child)
  return result
}

/** What a file of tests started ends with it: asked first, so that it can end its servers. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'close')
  process.kill(-child.pid, 'SIGTERM')
  const kill = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), LAST_WORDS_MS)
  await ended
  clearTimeout(kill)
}

/** How long a process may take to end its servers. */
const LAST_WORDS_MS = 3_000
