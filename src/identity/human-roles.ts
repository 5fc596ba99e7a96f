import { ChaperoneError } from '../core/errors.ts'
import type { HumanRole } from '../core/principal.ts'

/** Which groups (object ids) and app roles make somebody what; any one of them does. */
export type HumanRoleRules = Readonly<Partial<Record<HumanRole, RoleRule>>>

interface RoleRule {
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
}

/** Throws HUMAN_ROLE_MISSING for a person without any role. */
export function humanRoles(
  rules: HumanRoleRules,
  groups: readonly string[],
  appRoles: readonly string[],
): readonly HumanRole[] {
  const roles = (Object.entries(rules) as [HumanRole, RoleRule][]).flatMap(([role, rule]) => {
    const given =
      rule.groups?.some((group) => groups.includes(group)) === true ||
      rule.roles?.some((appRole) => appRoles.includes(appRole)) === true
    return given ? [role] : []
  })
  if (roles.length > 0) return roles
  throw new ChaperoneError('HUMAN_ROLE_MISSING', 'You have no role at this gateway.', {
    hint: 'Ask for a group or an app role that makes you admin, approver, reviewer or auditor.',
  })
}
