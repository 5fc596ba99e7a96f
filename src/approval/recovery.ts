import { committed } from './committed.ts'
import { LIST_MAX, SETTLED_KEPT_MS } from './limits.ts'
import { closedNote } from './notes.ts'
import type { PendingParts, PendingRequests } from './pending.ts'
import type { KeptApproval } from './view.ts'
import { viewOf } from './view.ts'

/**
 * Refuses what a former run left pending: its sessions are gone, and with them what was asked for.
 * First the record, then the state: a crash in between writes the record twice, never not at all.
 */
export async function recoverApprovals(
  parts: Omit<PendingParts, 'log'>,
  pending: Pick<PendingRequests, 'get'>,
): Promise<number> {
  const { clock, kept, recorder, notify } = parts
  kept.prune(clock.now_ms() - SETTLED_KEPT_MS)
  const state = 'refused-by-restart'
  let count = 0
  let after: string | undefined
  for (;;) {
    const page: readonly KeptApproval[] = kept.page({
      state: 'pending',
      limit: LIST_MAX,
      ...(after === undefined ? {} : { after }),
    })
    const left = page.filter(({ id }) => pending.get(id) === undefined)
    const at_ms = clock.now_ms()
    for (const approval of left) recorder.note(closedNote(approval, state, at_ms))
    if (left.length > 0) await committed(recorder)
    for (const approval of left) {
      kept.settle(approval.id, state, at_ms)
      notify.settled(viewOf({ ...approval, state, settledAt_ms: at_ms }))
    }
    count += left.length
    after = page.at(-1)?.id
    if (page.length < LIST_MAX) return count
  }
}
