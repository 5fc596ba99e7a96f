import { ChaperoneError } from '../../../core/errors.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { ApiRequest, Forward, RequestContext } from '../../http/api.ts'
import type { HeaderList } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import { leavesTypeUnsaid, UNSAID_TYPE } from '../request/body.ts'
import { dueMasks } from '../request/due-masks.ts'
import { droppedHeaders } from '../request/headers.ts'
import type { KubernetesNote } from '../request/note.ts'

/** As whom the cluster sees the agent. */
export interface Impersonation {
  /** With `{agent}` for its name. */
  readonly user: string
  readonly groups: readonly string[]
}

const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json'

/** The head as the cluster gets it: in the agent's name, with our audit id, and readable for masks. */
export function forwardOf(
  { note }: ApiRequest<KubernetesNote>,
  judgement: Judgement,
  { agent, operationId, head }: RequestContext,
  impersonation: Impersonation | undefined,
): Forward {
  const { asked } = note
  const masks = dueMasks(note, judgement)
  if (masks.length > 0 && UNMASKABLE.has(asked?.info.subresource ?? '')) throw unmaskable()
  const isMasked = masks.length > 0 && asked !== undefined && asked.info.subresource !== 'log'
  const set: (readonly [string, string])[] = [['audit-id', operationId]]
  if (impersonation !== undefined) set.push(...namesOf(impersonation, agent))
  if (leavesTypeUnsaid(head)) set.push(['content-type', UNSAID_TYPE])
  if (masks.length > 0) set.push(['accept-encoding', 'identity'])
  if (isMasked) {
    const inside = masks.some(({ type }) => type === 'columns')
    const table = /as=Table/i.test(headerOf(head.headers, 'accept') ?? '')
    // Cells of a table do not say which field they show.
    set.push(['accept', table && !inside ? TABLE : 'application/json'])
  }
  return { set, drop: droppedHeaders(head.headers) }
}

/** What passes these is whatever a program or a service says. */
const UNMASKABLE: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])

function unmaskable(): ChaperoneError {
  return new ChaperoneError(
    'MASK_UNPROVABLE',
    'A mask is due, and what streams cannot be masked.',
    {
      hint: 'Ask for a rule of its own that allows this without a mask, or read through the API.',
    },
  )
}

export function namesOf({ user, groups }: Impersonation, agent: string): HeaderList {
  return [
    ['impersonate-user', user.replaceAll('{agent}', agent)],
    ...groups.map((group) => ['impersonate-group', group] as const),
  ]
}
