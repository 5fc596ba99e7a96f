import { hasLookAlike } from './look-alikes.ts'
import { spell } from './spelling.ts'

/** What a Resource Manager path names. All spelling is one for each thing, whatever the client's. */
export interface ArmPath {
  /** The resource provider: `Microsoft.Compute`; `Microsoft.Resources` where the path has none. */
  readonly namespace: string
  /** Types below it, outermost first: `virtualMachines`, `extensions`. */
  readonly types: readonly string[]
  /** Ends with a type: a collection, or what a POST calls its verb. */
  readonly endsWithType: boolean
  /** The whole path, outermost first, in one spelling. */
  readonly object: readonly string[]
  /** Where the last `providers` is in the path; -1 where there is none. */
  readonly providersAt: number
}

/**
 * Below `providers/Microsoft.Resources` these would be other names of what has its own path, which no rule
 * about that path speaks of.
 */
const HAS_OWN_PATH: ReadonlySet<string> = new Set(
  ['subscriptions', 'resourceGroups', 'resources', 'tenants'].map(spell),
)

const ROOTS: ReadonlySet<string> = new Set(['subscriptions', 'tenants', 'providers'])

/**
 * Reads a path by the rule of resource ids: pairs of type and name from the left; `providers` and a
 * namespace where a type could stand begin the next ones, and the last of these counts. Returns in
 * words why a path is none. Whoever looks for the last `providers` instead finds the same, since a
 * thing of that name is refused.
 */
export function readArmPath(segments: readonly string[]): ArmPath | string {
  const first = segments[0]?.toLowerCase()
  if (first === undefined || !ROOTS.has(first)) return 'the path begins with nothing that is known'
  const object: string[] = []
  let namespace = 'Microsoft.Resources'
  let types: string[] = []
  let providersAt = -1
  let at = 0
  while (at < segments.length) {
    const word = segments[at]!
    const name = segments[at + 1]
    if (!isTypeWord(word)) return 'a type in the path is no name'
    if (word.toLowerCase() === 'providers') {
      object.push('providers')
      if (name === undefined) return listOfProviders(object, namespace, providersAt, types)
      if (!isNamespace(name)) return 'what follows `providers` is no namespace'
      namespace = spell(name)
      types = []
      providersAt = at
      object.push(namespace)
    } else {
      const type = spell(word)
      const isOther = providersAt === at - 2 && namespace === 'Microsoft.Resources'
      if (isOther && HAS_OWN_PATH.has(type)) {
        return 'a group or subscription is named by a path that is not its own'
      }
      types.push(type)
      object.push(type)
      if (name !== undefined) {
        if (name.toLowerCase() === 'providers') return 'something in the path is named `providers`'
        if (hasLookAlike(name)) return 'a name in the path can be taken for another'
        object.push(name.toLowerCase())
      }
    }
    at += 2
  }
  const endsWithType = segments.length % 2 === 1
  return { namespace, types, endsWithType, object, providersAt }
}

function listOfProviders(
  object: readonly string[],
  namespace: string,
  providersAt: number,
  types: readonly string[],
): ArmPath {
  return { namespace, types: [...types, 'providers'], endsWithType: true, object, providersAt }
}

/** Type words and verbs. A few old verbs have a dot or a `$`. */
function isTypeWord(text: string): boolean {
  return /^[A-Za-z$_][A-Za-z0-9$_.-]{0,127}$/.test(text)
}

function isNamespace(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*$/.test(text) && text.length <= 128
}
