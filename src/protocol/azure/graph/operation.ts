import type { Access } from '../../../core/operation.ts'
import { required } from '../required.ts'
import { ESCALATE, SECRETS_READ, UNLISTED } from '../words.ts'
import type { GraphPath } from './path.ts'

/**
 * What a request to Graph does, in the manner of role-based access control: `Microsoft.Graph`, the
 * types of its path, and `read` for GET, `write` for PUT and PATCH and for a POST to a collection,
 * `delete` for DELETE, `action` for a POST to a verb: `Microsoft.Graph/groups/members/read`.
 */
export interface GraphOperation {
  readonly action: string
  readonly object: readonly string[]
  readonly effect: 'read' | 'write' | 'delete' | 'action'
}

/** Verbs: what a POST runs and does not make. Small letters. */
const READING_VERBS: ReadonlySet<string> = new Set(
  `getbyids getmemberobjects getmembergroups checkmembergroups checkmemberobjects validateproperties
getavailableextensionproperties delta query search evaluate getuserownedobjects isuserinrole`.split(
    /\s+/,
  ),
)
const VERB =
  /^(add|remove|assign|revoke|reset|restore|send|reply|forward|move|copy|create|invite|validate|check|get|set|enable|disable|confirm|dismiss|cancel|accept|decline|activate|instantiate|start|stop|pause|restart|run|wipe|retire|sync|change|update|delete|upload|download|translate|evaluate|renew|subscribe|unsubscribe|archive|unarchive|provision|acquire|retry|permanent|export|hide|unhide|find|batch|invalidate|execute|process|discover|simulate|apply|rotate|bypass|dispatch|record)[A-Z]?[a-z0-9]*/i

const SECRETS =
  /^(addpassword|addkey|addtokensigningcertificate|recoverykeys|devicelocalcredentials|temporaryaccesspassmethods|acquireaccesstoken|getfilevaultkey|getpasscode|passwordcredentials|secrets|downloadapplepushnotificationcertificate|keys|keysets|createuploadsession|createlink|preview|resetpassword)$/i

/** Types that any change of gives access to somebody. */
const RISING =
  /^(roleManagement|directoryroles|directoryroletemplates|approleassignments|approleassignedto|oauth2permissiongrants|federatedidentitycredentials|owners|members|memberof|policies|identity|identitygovernance|conditionalaccess|authentication|authenticationmethods|administrativeunits|scopedrolemembers|scopedrolememberof|applications|serviceprincipals|applicationtemplates|organization|domains|certificatebasedauthconfiguration|contracts|invitations|tenantrelationships|crosstenantaccesspolicy|devicemanagement|deviceappmanagement|admin|privilegedaccess|groupsettings|settings|synchronization|directorysettingtemplates|subscribedskus|subscriptions|schemaextensions|security|registeredowners|registeredusers|sponsors|delegatedpermissionclassifications|manager|permissiongrants|invites)$/i
const RISING_VERBS =
  /^(addpassword|addkey|assignlicense|resetpassword|changepassword|revokesigninsessions|invalidateallrefreshtokens|restore|instantiate|addtokensigningcertificate|createlink|grant|invite|permissiongrant)$/i

export function graphOperation(method: string, path: GraphPath): GraphOperation | undefined {
  const { types, object } = path
  const last = types.at(-1)!
  const name = ['Microsoft.Graph', ...types].join('/')
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { action: `${name}/read`, object, effect: 'read' }
    case 'PUT':
    case 'PATCH':
      return { action: `${name}/write`, object, effect: 'write' }
    case 'DELETE':
      return { action: `${name}/delete`, object, effect: 'delete' }
    case 'POST':
      if (READING_VERBS.has(last.toLowerCase()) || (VERB.test(last) && types.length > 1)) {
        return { action: `${name}/action`, object: object.slice(0, -1), effect: 'action' }
      }
      return { action: `${name}/write`, object, effect: 'write' }
    default:
      return undefined
  }
}

/** All that it asks for: itself, and the dangers in it by their own names. */
export function graphAccesses(operation: GraphOperation, { types }: GraphPath): readonly Access[] {
  const { action, object, effect } = operation
  // Whether a word is a type or an id is told by its place, and may be told wrong: all of them count.
  const words = [...types, ...object]
  const secret = words.some((type) => SECRETS.test(type))
  const changes = effect !== 'read' && !READING_VERBS.has(types.at(-1)!.toLowerCase())
  const rises = changes && words.some((type) => RISING.test(type) || RISING_VERBS.test(type))
  const isPlain = effect !== 'action' || !changes || secret || rises
  return [
    required(action, object),
    ...(secret ? [required(SECRETS_READ, object)] : []),
    ...(rises ? [required(ESCALATE, object)] : []),
    ...(isPlain ? [] : [required(UNLISTED, object)]),
  ]
}
