import assert from 'node:assert/strict'
import { asDanaSees, asPerson, pendingApproval } from './people.ts'
import type { Cast, Chapter } from './step.ts'
import type { Question, WebAnswer } from './web.ts'
import { ask } from './web.ts'

const PODS = '/api/v1/namespaces/prod/pods'
const SECRET = '/api/v1/namespaces/prod/secrets/db'
const DEPLOYMENT = '/apis/apps/v1/namespaces/prod/deployments/web'

export const KUBERNETES: Chapter = {
  title: 'A cluster: Kubernetes, by plain HTTPS as kubectl speaks it',
  steps: [
    {
      id: 'cluster-listed',
      title: 'With the same token as bearer it lists the pods of its namespace',
      did: `GET ${PODS}`,
      async play(cast) {
        const { status, body, text } = await cluster(cast, PODS)
        assert.equal(status, 200, text)
        assert.ok(!text.includes('canary'), 'the value of an environment variable came through')
        const { items } = body as { items: readonly Pod[] }
        assert.equal(items.length, 2)
        const user = cast.stage.heard().find(({ request }) => request === `GET ${PODS}`)?.user
        assert.equal(user, 'chaperone:etl-nightly')
        const pods = items.map(({ metadata, status: { phase } }) => ({ pod: metadata.name, phase }))
        return { pods, clusterSawUser: user }
      },
    },
    {
      id: 'cluster-masked',
      title: 'It reads a Secret: the names are there, the values are masked',
      did: `GET ${SECRET}`,
      async play(cast) {
        const { status, body, text } = await cluster(cast, SECRET)
        assert.equal(status, 200, text)
        const { data } = body as { data: Readonly<Record<string, string>> }
        const decoded = Object.entries(data).map(([name, value]) => [name, fromBase64(value)])
        assert.deepEqual(Object.keys(data).sort(), ['password', 'user'])
        assert.ok(
          decoded.every(([, value]) => value === '[redacted]'),
          'a value came through',
        )
        return { data, decoded: Object.fromEntries(decoded) as unknown }
      },
    },
    {
      id: 'cluster-denied',
      title: 'It tries to delete the namespace: Forbidden, with the rule and what to do instead',
      did: 'DELETE /api/v1/namespaces/prod',
      async play(cast) {
        const { status, body } = await cluster(cast, '/api/v1/namespaces/prod', {
          method: 'DELETE',
        })
        const { kind, reason, message, details } = body as Status
        assert.deepEqual([status, kind, reason], [403, 'Status', 'Forbidden'])
        assert.match(message, /etl-on-cluster\/no-deleting/)
        assert.ok(!cast.stage.heard().some(({ request }) => request.startsWith('DELETE')))
        const hint = details.causes.find((cause) => cause.reason === 'hint')?.message
        assert.ok(hint, 'no hint')
        return { status, kind, reason, message, hint }
      },
    },
    {
      id: 'cluster-held',
      title: 'It scales a deployment: held, and Dana sees what would change before she says yes',
      did: `PATCH ${DEPLOYMENT} {"spec":{"replicas":5}}`,
      async play(cast) {
        const running = cluster(cast, DEPLOYMENT, {
          method: 'PATCH',
          contentType: 'application/merge-patch+json',
          json: { spec: { replicas: 5 } },
        })
        const id = await pendingApproval(cast.stage)
        const asked = await asDanaSees(cast.stage, id)
        assert.match(asked.text.at(-1) ?? '', /spec\.replicas: 2 → 5/)
        await asPerson(cast.stage, 'dana', 'approvals', 'approve', id, '--yes')
        const { status, body, text } = await running
        assert.equal(status, 200, text)
        const { spec } = body as { spec: { replicas: number } }
        assert.equal(spec.replicas, 5)
        return { danaSaw: asked, approvedBy: 'Dana Dba', replicas: spec.replicas }
      },
    },
  ],
}

/** The agent asks the cluster, through the gateway's door. */
export function cluster(
  { stage, token }: Cast,
  path: string,
  question: Question = {},
): Promise<WebAnswer> {
  return ask(stage, `${stage.doorUrl}/cluster${path}`, { token, ...question })
}

interface Pod {
  readonly metadata: { readonly name: string }
  readonly status: { readonly phase: string }
}

interface Status {
  readonly kind: string
  readonly reason: string
  readonly message: string
  readonly details: { readonly causes: readonly { reason: string; message: string }[] }
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}
