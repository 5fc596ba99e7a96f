import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Gateway } from '../../src/main/gateway.ts'
import { until } from '../support/until.ts'

const CLI = join(dirname(fileURLToPath(import.meta.url)), '../../src/cli/main.ts')

/** It takes one or two seconds; what takes longer hangs. */
const START_MS = 60_000

/** A gateway in a process of its own, as `chaperone serve` runs it. */
export interface GatewayProcess extends Gateway {
  readonly pid: number
  /** The exit code; resolves when the process is gone. */
  readonly exited: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/** Where its doors are, as it logs it. */
interface Started {
  readonly postgres: string
  readonly http?: string
  readonly api: string
}

/**
 * `log` takes every line that it logs. Rejects when it ends before it has started, as it does when
 * it is killed after `killAfter_ms`.
 */
export async function startGatewayProcess(
  configFile: string,
  log: string[],
  environment: Readonly<Record<string, string>> = {},
  killAfter_ms = START_MS,
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [CLI, 'serve', '--config', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const exited = once(child, 'exit').then(([code]) => {
    process.off('exit', killAtExit)
    return code as number | null
  })
  const slow = setTimeout(() => child.kill('SIGKILL'), killAfter_ms)
  const ports = await new Promise<Started>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line)
      if (!line.includes('"gateway.started"')) return
      resolve(JSON.parse(line) as Started)
    })
    void exited.then(() => reject(new Error(`the gateway did not start:\n${log.join('\n')}`)))
  }).finally(() => clearTimeout(slow))
  const portOf = (address: string) => Number(address.slice(address.lastIndexOf(':') + 1))
  return {
    pid: child.pid!,
    exited,
    postgresPort: portOf(ports.postgres),
    apiPort: portOf(ports.api),
    ...(ports.http === undefined ? {} : { httpPort: portOf(ports.http) }),
    authorityFile: join(dirname(configFile), 'development-authority', 'ca.crt'),
    kill: (signal) => void child.kill(signal),
    async reload() {
      const seen = log.length
      child.kill('SIGHUP')
      await until('a reload', () =>
        log.slice(seen).some((line) => line.includes('"gateway.reloaded"')),
      )
    },
    async close() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
