import { watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { asChaperoneError, ChaperoneError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { formatPlace } from '../../document/problems.ts'
import type { Policy } from '../compile.ts'
import type { PolicyFile } from '../document.ts'
import { parsePolicies, versionOf } from '../document.ts'
import { RELOAD_DEBOUNCE_MS, RELOAD_POLL_MS } from '../limits.ts'
import { createPolicySet } from '../policy-set.ts'
import type { PolicySet } from '../ruleset.ts'
import { readPolicyFile } from './read-file.ts'

export interface PolicyFolderOptions {
  readonly folder: string
  readonly log: Log
  /** Another set is in force. */
  onChange(set: PolicySet): void
  /** A reload failed; the old set stays in force. */
  onAlarm(error: ChaperoneError): void
}

export interface PolicyFolder {
  current(): PolicySet
  list(): readonly Policy[]
  /** Why the last reload failed; undefined when the set in force is what the folder holds. */
  problem(): ChaperoneError | undefined
  /** Looks now; resolves when what the folder holds is in force, or has been refused. */
  reload(): Promise<void>
  close(): void
}

interface Loaded {
  readonly set: PolicySet
  readonly policies: readonly Policy[]
}

/**
 * Keeps the policies of a folder in force: all of its files or, if one is not valid, all of the old
 * ones. Rejects with POLICY_INVALID or CONFIG_UNREADABLE when there is nothing valid to start with.
 */
export async function openPolicyFolder(options: PolicyFolderOptions): Promise<PolicyFolder> {
  const { folder, log } = options
  let loaded = load(await readPolicyFiles(folder))
  /** What was looked at last, in force or refused: parsing hundreds of policies stops everything else. */
  let seen: string | undefined = loaded.set.version
  let problem: ChaperoneError | undefined
  let underWay: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    const before = seen
    seen = undefined
    try {
      const files = await readPolicyFiles(folder)
      seen = versionOf(files)
      if (seen !== before) adopt(load(files))
    } catch (caught) {
      refuse(caught)
    }
  }
  function adopt(next: Loaded): void {
    problem = undefined
    if (next.set.version === loaded.set.version) return
    loaded = next
    log.info('policy.reloaded', { version: next.set.version, policies: next.policies.length })
    tell(() => options.onChange(next.set))
  }
  function refuse(caught: unknown): void {
    const error = asChaperoneError(caught, 'POLICY_INVALID', 'The policies cannot be read.')
    const isNews = problem === undefined || describe(problem) !== describe(error)
    problem = error
    if (!isNews) return
    log.error('policy.reload-failed', { code: error.code, error: describe(error) })
    tell(() => options.onAlarm(error))
  }
  /** Whoever listens and fails is no fault of the policies, and keeps nobody from looking again. */
  function tell(listener: () => void): void {
    try {
      listener()
    } catch (caught) {
      const error = caught instanceof Error ? caught.message : 'unknown'
      log.error('policy.listener-failed', { error })
    }
  }
  const reload = (): Promise<void> => {
    underWay = underWay.then(look)
    return underWay
  }
  const stop = watchFolder(folder, () => void reload())
  return {
    current: () => loaded.set,
    list: () => loaded.policies,
    problem: () => problem,
    reload,
    close: stop,
  }
}

function describe({ message, place = {} }: ChaperoneError): string {
  const where = formatPlace(place)
  return where === '' ? message : `${where}: ${message}`
}

function load(files: readonly PolicyFile[]): Loaded {
  const parsed = parsePolicies(files)
  return { set: createPolicySet(parsed), policies: parsed.policies }
}

/**
 * The policy files of a folder, by name. Rejects with CONFIG_UNREADABLE, or with POLICY_INVALID where
 * one is too large or no text.
 */
export async function readPolicyFiles(folder: string): Promise<readonly PolicyFile[]> {
  const files: PolicyFile[] = []
  for (const name of await policyNames(folder)) files.push(await readPolicyFile(join(folder, name)))
  return files
}

async function policyNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort()
  } catch (cause) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'The policy folder cannot be read.', {
      cause,
      place: { file: folder },
      hint: 'Check the path and its permissions.',
    })
  }
}

/** Changes are told by the system where it can, and looked for where it cannot. */
function watchFolder(folder: string, changed: () => void): () => void {
  let pause: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(pause)
    pause = setTimeout(changed, RELOAD_DEBOUNCE_MS)
    pause.unref()
  }
  const watcher = watch(folder, { persistent: false }, soon)
  watcher.on('error', () => watcher.close())
  const poll = setInterval(changed, RELOAD_POLL_MS)
  poll.unref()
  return () => {
    watcher.close()
    clearInterval(poll)
    clearTimeout(pause)
  }
}
