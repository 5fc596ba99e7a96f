import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { asDanaSees, asPerson, pendingApproval } from './people.ts'
import type { Stage } from './stage.ts'
import type { Cast, Chapter } from './step.ts'
import type { Question, WebAnswer } from './web.ts'
import { ask } from './web.ts'

const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'

export const AZURE: Chapter = {
  title: 'Azure: Resource Manager, by plain HTTPS as the Azure CLI speaks it',
  steps: [
    {
      id: 'azure-token',
      title: "The gateway is Azure's authority here: its token for the gateway buys one for Azure",
      did: 'POST /adfs/oauth2/token client_assertion=… scope=https://GATEWAY/arm/.default',
      async play(cast) {
        const { status, body, text } = await exchange(cast.stage)
        assert.equal(status, 200, text)
        const { access_token, token_type, expires_in } = body as TokenAnswer
        cast.armToken = access_token
        return { token_type, expires_in, goodFor: 'Resource Manager at this gateway, nothing else' }
      },
    },
    {
      id: 'azure-listed',
      title:
        'It lists resource groups; the link to the next page leads to the gateway, not to Azure',
      did: 'GET /subscriptions/…/resourcegroups, and its nextLink',
      async play(cast) {
        const first = await arm(cast, '/resourcegroups?api-version=2021-04-01')
        assert.equal(first.status, 200, first.text)
        const { value, nextLink } = first.body as Page
        assert.ok(
          nextLink !== undefined && nextLink.startsWith(`${cast.stage.doorUrl}/arm/`),
          first.text,
        )
        const second = await ask(cast.stage, nextLink, { token: cast.armToken! })
        assert.equal(second.status, 200, second.text)
        const groups = [...value, ...(second.body as Page).value].map(({ name }) => name)
        assert.deepEqual(groups, ['etl', 'web', 'network'])
        return { groups, nextLink }
      },
    },
    {
      id: 'azure-denied',
      title: 'It asks for the keys of a storage account: refused, whatever else it may do there',
      did: 'POST …/storageAccounts/etlstaging/listKeys',
      async play(cast) {
        const account = '/resourceGroups/etl/providers/Microsoft.Storage/storageAccounts/etlstaging'
        const { status, body } = await arm(cast, `${account}/listKeys?api-version=2023-01-01`, {
          method: 'POST',
        })
        const { error } = body as ArmError
        assert.deepEqual([status, error.code], [403, 'POLICY_DENIED'])
        assert.match(error.message, /etl-on-azure\/no-keys/)
        assert.ok(!heard(cast, /listKeys/i), 'Azure heard of it')
        return briefly(status, error)
      },
    },
    {
      id: 'azure-refused-by-human',
      title: 'It makes itself an owner: held as an escalation, and refused by Dana',
      did: 'PUT …/resourceGroups/etl/providers/Microsoft.Authorization/roleAssignments/…',
      async play(cast) {
        const { stage } = cast
        const running = arm(cast, assignment(), { method: 'PUT', json: ownership(stage) })
        const id = await pendingApproval(stage)
        const asked = await asDanaSees(stage, id)
        assert.match(asked.text.join('\n'), /What would change/)
        await asPerson(stage, 'dana', 'approvals', 'deny', id, '--reason', 'ETL needs no owner')
        const { status, body } = await running
        const { error } = body as ArmError
        assert.deepEqual([status, error.code], [403, 'APPROVAL_DENIED'])
        assert.ok(!heard(cast, /^PUT /), 'Azure heard of it')
        return { danaSaw: asked, ...briefly(status, error) }
      },
    },
  ],
}

/** As the Azure CLI signs in: with the agent's own token as the assertion (RFC 7523, 2.2). */
export async function exchange(stage: Stage): Promise<WebAnswer> {
  return ask(stage, `${stage.apiUrl}/adfs/oauth2/token`, {
    form: {
      grant_type: 'client_credentials',
      client_id: stage.agentAppId,
      client_assertion: await stage.agentToken(),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      scope: `${stage.doorUrl}/arm/.default`,
    },
  })
}

/** The agent asks about the subscription, through the gateway's door. */
export function arm(
  { stage, armToken }: Cast,
  path: string,
  question: Question = {},
): Promise<WebAnswer> {
  const url = `${stage.doorUrl}/arm/subscriptions/${stage.subscription}${path}`
  return ask(stage, url, { ...(armToken === undefined ? {} : { token: armToken }), ...question })
}

function heard({ stage }: Cast, what: RegExp): boolean {
  return stage.heard().some(({ request }) => what.test(request))
}

function assignment(): string {
  const scope = '/resourceGroups/etl/providers/Microsoft.Authorization/roleAssignments'
  return `${scope}/${randomUUID()}?api-version=2022-04-01`
}

function ownership({ subscription, agentObjectId }: Stage): object {
  const roles = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions`
  return {
    properties: { roleDefinitionId: `${roles}/${OWNER}`, principalId: agentObjectId },
  }
}

/** The rest of it repeats this for programs. */
function briefly(status: number, { code, message }: ArmError['error']): object {
  return { status, code, message }
}

interface TokenAnswer {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
}

interface Page {
  readonly value: readonly { readonly name: string }[]
  readonly nextLink?: string
}

export interface ArmError {
  readonly error: { readonly code: string; readonly message: string }
}
