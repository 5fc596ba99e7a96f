import { hasLookAlike } from '../look-alikes.ts'

/** What a Graph path names. */
export interface GraphPath {
  /** Collections and properties, outermost first, without ids: `groups`, `members`. */
  readonly types: readonly string[]
  /** Everything, with ids, in one spelling; without the version. */
  readonly object: readonly string[]
  /** `$count`, `$value` or `$ref`, where the path ends in one. */
  readonly suffix?: '$count' | '$value' | '$ref'
}

const SUFFIXES = ['$count', '$value', '$ref'] as const

/** Words after which no id comes: things of which there is one. Small letters. */
const SINGLES: ReadonlySet<string> = new Set(
  `directory rolemanagement policies identity identitygovernance reports security auditlogs
devicemanagement deviceappmanagement communications calendar drive manager mailboxsettings
admin solutions external authentication conditionalaccess authorizationpolicy
defaultappmanagementpolicy identitysecuritydefaultsenforcementpolicy authenticationmethodspolicy
adminconsentrequestpolicy crosstenantaccesspolicy default entitlementmanagement lifecycleworkflows
accessreviews privilegedaccess informationprotection tenantrelationships onlinemeetings planner
todo onenote insights settings photo root search education employeeexperience copilot
synchronization restrictions bitlocker`.split(/\s+/),
)

const WORD = /^[A-Za-z][A-Za-z0-9]*$/
/** `users('id')`, `applications(appId='x')`, `microsoft.graph.user`, `getByIds()`. */
const CALL = /^([A-Za-z][A-Za-z0-9.]*)\((.*)\)$/

/**
 * Reads a path of Microsoft Graph: collections and ids by turns, singletons between. Whatever is no
 * word is an id. Returns in words why it is none.
 */
export function readGraphPath(segments: readonly string[]): GraphPath | string {
  const [version, ...rest] = segments
  if (version?.toLowerCase() !== 'v1.0' && version?.toLowerCase() !== 'beta') {
    return 'the path begins with no version'
  }
  if (rest.some(hasLookAlike)) return 'a name in the path can be taken for another'
  const types: string[] = []
  const object: string[] = []
  let idMayFollow = false
  const last = rest.at(-1)?.toLowerCase()
  const suffix = SUFFIXES.find((one) => one === last)
  for (const segment of suffix === undefined ? rest : rest.slice(0, -1)) {
    const call = CALL.exec(segment)
    if (call !== null) {
      const [, name = '', argument = ''] = call
      types.push(small(name))
      object.push(small(name))
      if (argument !== '') object.push(key(argument))
      idMayFollow = false
    } else if (idMayFollow || !WORD.test(segment)) {
      if (segment.startsWith('$') && segment !== '$batch') return 'a word in the path is not known'
      // `microsoft.graph.group` narrows what comes, and names nothing new.
      if (/^microsoft\.graph\./i.test(segment)) continue
      object.push(segment.toLowerCase())
      idMayFollow = false
    } else {
      types.push(small(segment))
      object.push(small(segment))
      idMayFollow = !SINGLES.has(segment.toLowerCase())
    }
  }
  if (types.length === 0) return 'the path names nothing'
  return { types, object, ...(suffix === undefined ? {} : { suffix }) }
}

/** Graph minds the case of most words and not of all: one spelling for ours. */
function small(word: string): string {
  return spelling(word)
}

/** `appId='X'` and `'X'`: one name of the same thing each. */
function key(argument: string): string {
  return argument.replaceAll("'", '').toLowerCase()
}

const WORDS: ReadonlyMap<string, string> = new Map(
  `servicePrincipals directoryObjects directoryRoles appRoleAssignments appRoleAssignedTo
oauth2PermissionGrants federatedIdentityCredentials roleManagement roleAssignments roleDefinitions
conditionalAccess auditLogs signIns directoryAudits addPassword addKey removePassword removeKey
memberOf transitiveMembers transitiveMemberOf ownedObjects getByIds getMemberObjects getMemberGroups
checkMemberGroups checkMemberObjects delegatedPermissionClassifications tokenIssuancePolicies
deletedItems administrativeUnits identityGovernance accessReviews roleEligibilitySchedules
roleAssignmentSchedules roleAssignmentScheduleRequests roleEligibilityScheduleRequests
namedLocations authenticationMethods mailFolders mailboxSettings sendMail resetPassword
revokeSignInSessions validateProperties createdObjects claimsMappingPolicies
homeRealmDiscoveryPolicies certificateBasedAuthConfiguration keyCredentials passwordCredentials
deviceManagement managedDevices bitlocker recoveryKeys deviceLocalCredentials`
    .split(/\s+/)
    .map((word) => [word.toLowerCase(), word]),
)

function spelling(word: string): string {
  return WORDS.get(word.toLowerCase()) ?? word.toLowerCase()
}
