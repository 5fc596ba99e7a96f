import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ChaperoneError } from '../../src/core/errors.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import type { ApiName, Understood } from './apis.ts'
import { APIS, understand } from './apis.ts'
import { lenientReading } from './reading.ts'
import { requeried, respelled } from './spellings.ts'

/**
 * Paths and queries in every spelling, for every API. What the target gets is what was judged; two
 * spellings that any reader could take for one thing are one operation, or one of them is refused; and
 * what is refused is refused cleanly.
 *
 * HTTP_PATHS sets how many for each API, HTTP_PATHS_SEED which.
 */
const COUNT = countFrom('HTTP_PATHS', 4_000)
const SEED = seedFrom('HTTP_PATHS_SEED')

const S = '/subscriptions/00000000-0000-0000-0000-000000000001'
const VM = `${S}/resourceGroups/mine/providers/Microsoft.Compute/virtualMachines/vm1`
const ARM = 'api-version=2021-04-01'
const KV = 'api-version=7.4'
const NS = '/api/v1/namespaces/prod'

/** `METHOD /path?query`: what clients write. */
const LINES: Readonly<Record<ApiName, readonly string[]>> = {
  kubernetes: [
    `GET ${NS}/secrets/db`,
    `GET ${NS}/secrets?watch=true&limit=5`,
    `DELETE ${NS}/pods/web?dryRun=All`,
    `GET ${NS}/pods/web/log?container=a&follow=true`,
    `GET ${NS}/pods/web/proxy/a/b?c=d`,
    `GET ${NS}/services/https:web:443/proxy/secrets`,
    'GET /apis/apps/v1/namespaces/prod/deployments/web/scale',
    'GET /apis/apps/v1/deployments',
    'GET /api/v1/namespaces/prod',
    'DELETE /api/v1/namespaces/prod/finalize',
    'GET /version',
    'GET /openapi/v3/apis/apps/v1?hash=a',
    'GET /logs/kube-apiserver.log',
  ],
  arm: [
    `GET ${VM}?${ARM}`,
    `DELETE ${VM}?${ARM}&forceDeletion=true`,
    `POST ${VM}/start?${ARM}`,
    `POST ${S}/resourceGroups/mine/providers/Microsoft.Storage/storageAccounts/acme/listKeys?${ARM}&$expand=kerb`,
    `GET ${S}/resourceGroups?${ARM}&$top=2`,
    `GET ${VM}/providers/Microsoft.Authorization/roleAssignments/a?${ARM}`,
    `GET ${S}/providers/Microsoft.Compute/virtualMachines?${ARM}`,
    `GET /providers/Microsoft.Management/managementGroups/g?${ARM}`,
  ],
  graph: [
    'GET /v1.0/users/a',
    "GET /v1.0/users?$filter=startswith(displayName,'a')&$top=5",
    'GET /v1.0/users/a/manager?$select=id',
    'DELETE /v1.0/groups/g/members/u/$ref',
    'GET /beta/users/a/messages',
    'POST /v1.0/applications/a/addPassword',
    "GET /v1.0/applications(appId='a')",
    'GET /v1.0/me',
  ],
  blob: [
    'GET /logs/a/b.txt',
    'GET /logs?restype=container&comp=list&prefix=a',
    'DELETE /logs/a?snapshot=2026-11-24T00:00:00Z',
    'GET /?comp=list&include=metadata',
    'PUT /logs?restype=container',
    'GET /logs/a?comp=tags',
    'GET /$root/a',
  ],
  queue: [
    'GET /jobs/messages?numofmessages=2',
    'GET /jobs/messages?peekonly=true',
    'DELETE /jobs/messages/m?popreceipt=a',
    'GET /jobs?comp=metadata',
    'GET /?comp=list&prefix=a',
  ],
  table: [
    "GET /people(PartitionKey='p',RowKey='r')?$select=Name",
    'GET /people()?$top=5&$filter=Name%20eq%20%27a%27',
    "DELETE /Tables('people')",
    'GET /Tables?$top=2',
    "GET /people(PartitionKey='a%27%27b',RowKey='')",
  ],
  vault: [
    `GET /secrets/db?${KV}`,
    `GET /secrets/db/0123456789abcdef0123456789abcdef?${KV}`,
    `GET /secrets?${KV}&maxresults=3`,
    `DELETE /keys/k?${KV}`,
    `POST /keys/k//sign?${KV}`,
    `GET /deletedsecrets/db?${KV}`,
    `POST /deletedsecrets/db/recover?${KV}`,
  ],
}

function randomTarget(lines: readonly string[], dice: Dice): readonly [string, string] {
  const [method = '', target = ''] = dice.pick(lines).split(' ')
  const [path = '', query = ''] = target.split('?')
  let spelled = respelled(path, dice)
  if (dice.between(0, 3) === 0) spelled = respelled(spelled, dice)
  return [method, spelled + requeried(query, dice)]
}

/** What it does, without what Azure does not tell apart. */
function meaning(name: ApiName, { accesses }: Understood): string {
  const text = accesses.join('; ')
  return name === 'kubernetes' || name === 'blob' || name === 'queue' ? text : text.toLowerCase()
}

/** Undefined where it is refused; fails for what is thrown and is no refusal. */
function tried(name: ApiName, method: string, target: string): Understood | undefined {
  try {
    return understand(name, method, target)
  } catch (error) {
    const isClean = error instanceof ChaperoneError && /^(PROTOCOL_|MESSAGE_)/.test(error.code)
    assert.ok(isClean, `seed ${SEED}, ${name}: ${method} ${target}: ${String(error)}`)
    return undefined
  }
}

describe(`paths by seed ${SEED}`, () => {
  for (const name of Object.keys(APIS) as ApiName[]) {
    test(name, (context) => {
      const dice = createDice(SEED)
      const meanings = new Map<string, readonly [meaning: string, target: string]>()
      const problems: string[] = []
      let understood = 0
      for (let turn = 0; turn < COUNT; turn++) {
        const [method, target] = turn === 0 ? ['GET', '/'] : randomTarget(LINES[name], dice)
        const one = tried(name, method, target)
        if (one === undefined) continue
        understood++
        const said = `${method} ${target}`
        const again = tried(name, method, one.forwarded)
        if (again === undefined || meaning(name, again) !== meaning(name, one)) {
          problems.push(
            `${said} goes on as ${one.forwarded}, which is ${again?.accesses.join('; ')}`,
          )
        }
        const key = `${method} ${lenientReading(name, one.forwarded)}`
        const known = meanings.get(key)
        if (known === undefined) meanings.set(key, [meaning(name, one), target])
        else if (known[0] !== meaning(name, one)) {
          problems.push(`${said} is ${meaning(name, one)}, and ${known[1]} is ${known[0]}`)
        }
      }
      context.diagnostic(`${understood} of ${COUNT} are understood`)
      assert.deepEqual([...new Set(problems)].slice(0, 20), [])
      assert.ok(understood > COUNT / 50, 'much of it is refused')
    })
  }
})
