import type { Access } from '../../../../core/operation.ts'
import type { ArmOperation } from '../../operation-name.ts'
import { required } from '../../required.ts'
import { ESCALATE, SECRETS_READ, UNLISTED } from '../../words.ts'
import { escalates } from './escalation.ts'
import { returnsSecret } from './secrets.ts'
import { isListedVerb } from './verbs.ts'

/** All that one operation asks for: itself, and the dangers in it by their own names. */
export function accessesOf({ action, object, effect }: ArmOperation): readonly Access[] {
  const secret = returnsSecret(action)
  const rises = escalates(action)
  const known = effect !== 'action' || secret || rises || isListedVerb(action)
  return [
    required(action, object),
    ...(secret ? [required(SECRETS_READ, object)] : []),
    ...(rises ? [required(ESCALATE, object)] : []),
    ...(known ? [] : [required(UNLISTED, object)]),
  ]
}
