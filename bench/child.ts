import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { SystemUser } from '../test/support/postgres-programs.ts'

const START_MS = 60_000
const STOP_MS = 15_000

/** A process that the bench started. */
export interface Child {
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a server and waits until its port answers. Rejects when it exits before. */
export async function startServer(
  command: readonly string[],
  port: number,
  user?: SystemUser,
): Promise<Child> {
  const running = spawn(command[0]!, command.slice(1), {
    ...user,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const child = own(running)
  for (const until_ms = Date.now() + START_MS; !(await answers(port)); await delay(25)) {
    if (running.exitCode !== null || Date.now() > until_ms) {
      await child.stop()
      throw new Error(`${command.join(' ')} did not start`)
    }
  }
  return child
}

/** Starts a program and waits for its first line, which is JSON. */
export async function startProgram(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ child: Child; said: unknown }> {
  const running = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const child = own(running)
  let text = ''
  for await (const chunk of running.stdout.setEncoding('utf8')) {
    text += String(chunk)
    if (text.includes('\n')) return { child, said: JSON.parse(text) as unknown }
  }
  throw new Error(`${command.join(' ')} ended before it was ready`)
}

function own(running: ChildProcess): Child {
  const killAtExit = () => running.kill('SIGKILL')
  process.once('exit', killAtExit)
  return {
    pid: running.pid!,
    async stop() {
      process.off('exit', killAtExit)
      if (running.exitCode !== null || running.signalCode !== null) return
      const exited = once(running, 'exit')
      running.kill('SIGTERM')
      const harder = setTimeout(() => running.kill('SIGKILL'), STOP_MS)
      await exited
      clearTimeout(harder)
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
