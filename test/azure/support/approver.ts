import type { EntraEmulator } from '../../../emulator/entra/server.ts'
import { runCli } from '../../support/run-cli.ts'

const CLI_CLIENT = '5f1d9e0a-5d2c-4c57-9a53-3d7c5a1b0c11'

/** Where a gateway is asked for what waits. */
export interface ApproverPlaces {
  readonly api: string
  readonly authorityFile: string
  readonly folder: string
}

export interface Approver {
  /** The group that may approve. */
  readonly approvers: string
  /** YAML below `identity`. */
  readonly humans: string
  /** `chaperone --json …` as somebody of that group. */
  approve(this: void, places: ApproverPlaces, words: readonly string[]): Promise<unknown>
}

/** Somebody who may approve, in an emulated Entra. */
export function addApprover(entra: EntraEmulator, audience: string): Approver {
  const approvers = entra.addGroup('approvers').id
  const person = entra.addUser({ name: 'Ann Approver', groups: [approvers] })
  return {
    approvers,
    humans: `  humans:
    clientId: ${CLI_CLIENT}
    scope: ${audience}/.default
    roles: { admin: { groups: [${approvers}] }, approver: { groups: [${approvers}] }, reviewer: {}, auditor: {} }`,
    async approve({ api, authorityFile, folder }, words) {
      const { objectId, name, groups } = person
      const claims = { objectId, name, groups, appId: CLI_CLIENT }
      const token = await entra.issueToken({ kind: 'user', audience, ...claims })
      const environment = {
        CHAPERONE_API: api,
        CHAPERONE_CA: authorityFile,
        CHAPERONE_TOKEN: token,
      }
      return JSON.parse(await runCli(words, environment, folder)) as unknown
    },
  }
}

/** The first operation that waits for people, as they see it. */
export async function heldRequest(bench: {
  approver(...words: readonly string[]): Promise<unknown>
}): Promise<{ id: string }> {
  for (let tries = 0; tries < 300; tries++) {
    const { items } = (await bench.approver('approvals', 'list')) as { items: { id: string }[] }
    const [first] = items
    if (first !== undefined)
      return (await bench.approver('approvals', 'show', first.id)) as { id: string }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('nothing was held')
}
