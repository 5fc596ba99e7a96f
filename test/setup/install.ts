import { spawnSync } from 'node:child_process'
import { isOnPath } from '../support/postgres-programs.ts'
import type { Need } from './needs.ts'
import { NEEDS } from './needs.ts'

/**
 * Installs what the tests need of the operating system, where that is missing and may be done
 * (Debian and its kin, as root or with sudo that asks nothing). It never fails: tests whose program
 * is missing say so and are skipped.
 */
function main(): void {
  const missing = NEEDS.filter((need) => !need.isThere())
  if (missing.length === 0) return
  say(`Missing for tests: ${missing.map((need) => need.what).join(', ')}.`)
  const become = howToBecomeRoot()
  if (become === undefined) {
    say(
      'They cannot be installed from here: that takes apt-get, and root or sudo without password.',
    )
  } else {
    install(become, missing)
  }
  report(missing.filter((need) => !need.isThere()))
}

function howToBecomeRoot(): readonly string[] | undefined {
  if (!isOnPath('apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined
}

/** The package lists are only refreshed when the ones that are there do not do. */
function install(become: readonly string[], missing: readonly Need[]): void {
  const packages = missing.map((need) => need.package)
  say(`Installing ${packages.join(' ')} with apt-get; this can take a minute.`)
  const flags = ['install', '-y', '-q', '--no-install-recommends', ...packages]
  if (aptGet(become, flags)) return
  say('Refreshing the package lists, then trying once more.')
  if (aptGet(become, ['update', '-q'])) aptGet(become, flags)
}

function aptGet(become: readonly string[], flags: readonly string[]): boolean {
  const command = [...become, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...flags]
  const { status } = spawnSync(command[0]!, command.slice(1), {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return status === 0
}

function report(missing: readonly Need[]): void {
  if (missing.length === 0) {
    say('All there now.')
    return
  }
  for (const need of missing) say(`Still missing: ${need.what} (Debian package ${need.package}).`)
  say('The tests that need it will be skipped, and will say so.')
}

function say(text: string): void {
  process.stdout.write(`[setup] ${text}\n`)
}

main()
