import assert from 'node:assert/strict'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { until } from '../support/until.ts'

const PATIENCE_MS = 20_000

/** A program as it talks. */
export function follow(child: ChildProcessWithoutNullStreams) {
  let text = ''
  let over = false
  const hear = (chunk: Buffer) => void (text += chunk.toString('utf8'))
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.stdin.on('error', () => {})
  const slow = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const ended = once(child, 'close').then(() => {
    over = true
    clearTimeout(slow)
  })
  return {
    ended,
    said: () => text,
    type: (keys: string) => void child.stdin.write(keys),
    /** Waits until it has said this. */
    async until(pattern: RegExp) {
      await until(`said ${pattern.source}`, () => over || pattern.test(text))
      assert.match(text, pattern)
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}
