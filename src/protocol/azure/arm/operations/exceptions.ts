import type { ArmOperation } from '../../operation-name.ts'
import type { ArmPath } from '../../resource-path.ts'

interface Exception {
  readonly action: string
  readonly effect?: ArmOperation['effect']
}

/**
 * Where role-based access control says something else than the rule. Each line is a method, the
 * namespace with its types (as the rule reads them), and the operation's name.
 */
const TABLE: readonly (readonly [method: string, types: string, action: string])[] = [
  ['GET', 'Microsoft.Resources/providers', 'Microsoft.Resources/providers/read'],
  // A verb with the id of a run behind it.
  [
    'POST',
    'Microsoft.DataFactory/factories/cancelpipelinerun',
    'Microsoft.DataFactory/factories/cancelpipelinerun/action',
  ],
  [
    'POST',
    'Microsoft.ContainerRegistry/registries/listBuildSourceUploadUrl',
    'Microsoft.ContainerRegistry/registries/getBuildSourceUploadUrl/action',
  ],
  [
    'POST',
    'Microsoft.SecurityInsights/sourcecontrols/delete',
    'Microsoft.SecurityInsights/SourceControls/delete',
  ],
  // New keys are made by a POST to what reads like a list of them.
  [
    'POST',
    'Microsoft.MixedReality/remoteRenderingAccounts/keys',
    'Microsoft.MixedReality/RemoteRenderingAccounts/regeneratekeys/action',
  ],
  [
    'POST',
    'Microsoft.MixedReality/spatialAnchorsAccounts/keys',
    'Microsoft.MixedReality/SpatialAnchorsAccounts/regeneratekeys/action',
  ],
]

const EXCEPTIONS: ReadonlyMap<string, string> = new Map(
  TABLE.map(([method, types, action]) => [`${method} ${types}`.toLowerCase(), action]),
)

export function exceptionFor(method: string, path: ArmPath): Exception | undefined {
  const found = EXCEPTIONS.get(
    `${method} ${[path.namespace, ...path.types].join('/')}`.toLowerCase(),
  )
  if (found !== undefined) return { action: found, effect: effectOf(found) }
  return providerException(method, path) ?? featureException(path)
}

/** `…/providers/NS` is the registration of a namespace with the subscription, not a thing in it. */
function providerException(method: string, { types, object, namespace }: ArmPath) {
  if (types.length > 0 || object.length < 2) return undefined
  const base = object[0] === 'subscriptions' ? 'subscriptions/providers' : 'providers'
  if (method === 'GET' || method === 'HEAD') {
    return { action: `Microsoft.Resources/${base}/read`, effect: 'read' as const }
  }
  return { action: `${namespace}/write`, effect: 'write' as const }
}

/** `Microsoft.Features/providers/NS/features/F`: the second namespace is the feature's name. */
function featureException({ object, types, providersAt, endsWithType }: ArmPath) {
  const outer = object[providersAt - 1]
  if (outer !== 'Microsoft.Features' || types[0]?.toLowerCase() !== 'features') return undefined
  const verb = endsWithType && types.length > 1 ? types.at(-1)! : undefined
  return verb === undefined
    ? { action: 'Microsoft.Features/features/read', effect: 'read' as const }
    : { action: `Microsoft.Features/providers/features/${verb}/action`, effect: 'action' as const }
}

function effectOf(action: string): ArmOperation['effect'] {
  const last = action.slice(action.lastIndexOf('/') + 1)
  return last === 'read' || last === 'delete' ? last : last === 'action' ? 'action' : 'write'
}
