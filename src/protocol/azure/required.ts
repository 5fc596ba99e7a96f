import type { Access } from '../../core/operation.ts'

/** An access that a rule must allow. */
export function required(action: string, object: readonly string[]): Access {
  return { action, object, grant: 'required' }
}
