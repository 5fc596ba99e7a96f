import type { Human } from '../core/principal.ts'
import { LIST_MAX, LIST_SCAN_MAX } from './limits.ts'
import type { ApprovalStore } from './store.ts'
import { isInterested, personKey, speaksFor } from './terms.ts'
import type { ApprovalState, ApprovalView, KeptApproval } from './view.ts'
import { viewOf } from './view.ts'

export interface ListQuery {
  readonly state?: ApprovalState
  readonly agent?: string
  readonly viewer?: Human
  /** `next` of the page before. */
  readonly after?: string
  readonly limit?: number
}

export interface ApprovalPage {
  readonly items: readonly ApprovalView[]
  /** Present when there may be more; a page may be short, even empty, and still have a next one. */
  readonly next?: string
}

/**
 * Administrators, reviewers and auditors see every request; others those that ask them, that they
 * answered, or that their own agent made. Statements may hold personal data.
 */
export function maySee({ request, answers }: KeptApproval, viewer: Human | undefined): boolean {
  if (viewer === undefined) return true
  return (
    viewer.roles.some((role) => role === 'admin' || role === 'reviewer' || role === 'auditor') ||
    speaksFor(request.terms, viewer).length > 0 ||
    isInterested(request, viewer) ||
    answers.some((one) => personKey(one) === personKey(viewer))
  )
}

export function listApprovals(kept: ApprovalStore, query: ListQuery): ApprovalPage {
  const { viewer, ...chosen } = query
  const limit = Math.min(Math.max(1, query.limit ?? LIST_MAX), LIST_MAX)
  const items: ApprovalView[] = []
  let after = query.after
  for (let scanned = 0; scanned < LIST_SCAN_MAX; scanned += limit) {
    const page = kept.page({ ...chosen, ...(after === undefined ? {} : { after }), limit })
    for (const approval of page) {
      after = approval.id
      if (!maySee(approval, viewer)) continue
      items.push(viewOf(approval))
      if (items.length === limit) return { items, next: approval.id }
    }
    if (page.length < limit) return { items }
  }
  return after === undefined ? { items } : { items, next: after }
}
