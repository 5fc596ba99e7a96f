/** What becomes of a message from the target. `written`: it is in the conversation's `rows`. */
export type Passage = 'pass' | 'drop' | 'written' | Buffer
