/** What was opened so far, to be closed again when a later step fails. */
export interface Undo {
  add(close: () => unknown): void
  /** Closes in reverse. What fails in it is left: the first error is the one to tell. */
  run(): Promise<void>
}

export function createUndo(): Undo {
  const steps: (() => unknown)[] = []
  return {
    add: (close) => void steps.push(close),
    async run() {
      for (let close = steps.pop(); close !== undefined; close = steps.pop()) {
        try {
          await close()
        } catch {
          // The next one may still be closed.
        }
      }
    },
  }
}
