import { setTimeout as delay } from 'node:timers/promises'
import type { Caller } from './caller.ts'

/** One line of a server's discovery documents. */
export interface Discovered {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource?: string
  readonly namespaced: boolean
}

interface Group {
  readonly name: string
  readonly versions: readonly { readonly version: string }[]
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean }[]
}

/** Everything that a server serves, in all versions, once it serves `awaited` and all that came before. */
export async function discover(caller: Caller, awaited: string): Promise<readonly Discovered[]> {
  const groups = await groupsWith(caller, awaited)
  const places = [
    { root: '/api/v1', group: '', version: 'v1' },
    ...groups.flatMap(({ name: group, versions }) =>
      versions.map(({ version }) => ({ root: `/apis/${group}/${version}`, group, version })),
    ),
  ]
  const all = places.map(async ({ root, group, version }) => {
    const { resources } = (await caller.read(root)) as ResourceList
    return resources.map(({ name, namespaced }) => {
      const [resource = '', subresource] = name.split('/')
      const below = subresource === undefined ? {} : { subresource }
      return { group, version, resource, namespaced, ...below }
    })
  })
  return (await Promise.all(all)).flat()
}

const TRIES_MAX = 300

async function groupsWith(caller: Caller, awaited: string): Promise<readonly Group[]> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const list = (await caller.read('/apis')) as { groups: readonly Group[] } | undefined
    const found = list?.groups.find(({ name }) => name === awaited)
    const { version } = found?.versions[0] ?? {}
    if (version !== undefined && (await caller.read(`/apis/${awaited}/${version}`)) !== undefined) {
      return list!.groups
    }
    await delay(100)
  }
  throw new Error(`${awaited} is not served`)
}
