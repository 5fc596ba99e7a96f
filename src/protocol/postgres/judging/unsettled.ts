/** What is to be done with a statement that cannot go to the target now. */
export type Unsettled =
  /**
   * `response`: what the client gets in place of an answer. `skip`: the target has failed the batch
   * already, and the client knows.
   */
  | { readonly type: 'refuse'; readonly response: Buffer; readonly skip?: boolean }
  /** Come back with the same statement when `ready` says so. */
  | { readonly type: 'wait'; readonly ready: () => boolean }
