import type { ApprovalView } from './view.ts'

/** Tells people. Neither method throws, waits, or can hold up an approval. */
export interface ApprovalNotifier {
  requested(approval: ApprovalView): void
  settled(approval: ApprovalView): void
}

export const silentNotifier: ApprovalNotifier = { requested() {}, settled() {} }
