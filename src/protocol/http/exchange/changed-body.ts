import type { Denial } from '../../../core/denial.ts'
import type { Part } from '../../../session/shares.ts'
import type { BodyTransform } from '../api.ts'
import { memoryUsedUp } from '../failure.ts'

export const ENCODED: Denial = {
  code: 'MASK_UNPROVABLE',
  message: 'The answer is compressed, and a rule masks what it holds.',
  hint: 'Ask the author of the policy; the target compresses although it was asked not to.',
}

/**
 * What a transform keeps back, which is what came less what went on, counts for the agent. It may
 * keep what it gets, whose memory is the connection's. `write` throws MEMORY_LIMIT.
 */
export function counted(transform: BodyTransform, memory: Part): BodyTransform {
  let kept = 0
  return {
    write(chunk) {
      const out = transform.write(Buffer.from(chunk))
      kept = Math.max(0, kept + chunk.length - out.length)
      if (!memory.set(kept)) throw memoryUsedUp()
      return out
    },
    end() {
      const rest = transform.end()
      // It is the client's to take, and counted there.
      memory.set(0)
      return rest
    },
    get masked() {
      return transform.masked
    },
    get rows() {
      return transform.rows
    },
  }
}
