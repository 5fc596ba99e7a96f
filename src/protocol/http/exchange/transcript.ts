import type { TunnelHost } from '../api.ts'
import { TRANSCRIPT_CHARS_MAX, TRANSCRIPT_WAIT_MS } from '../limits.ts'

type Kind = Parameters<TunnelHost['record']>[0]

/** What passes a tunnel, on its way into the records. */
export interface Transcript {
  add(kind: Kind, text: string): void
  /** There is something that is not recorded yet. */
  readonly begun: boolean
  /** Records what was added. True: there was something. */
  flush(): boolean
}

/**
 * A record costs some hundred bytes, whoever may choose how small the pieces are: what is of one kind
 * and comes soon after one another is one record, of sizes the last.
 */
export function createTranscript(
  write: (piece: { readonly at_ms: number; readonly kind: Kind; readonly text: string }) => void,
  now_ms: () => number,
): Transcript {
  let run: { readonly at_ms: number; readonly kind: Kind; text: string } | undefined
  let soon: NodeJS.Timeout | undefined

  function flush(): boolean {
    clearTimeout(soon)
    soon = undefined
    if (run === undefined) return false
    write(run)
    run = undefined
    return true
  }

  return {
    add(kind, text) {
      const isFull = run !== undefined && run.text.length + text.length > TRANSCRIPT_CHARS_MAX
      if (run !== undefined && (run.kind !== kind || kind === 'm' || isFull)) flush()
      if (run === undefined) run = { at_ms: now_ms(), kind, text }
      else run.text = kind === 'r' ? text : run.text + text
      soon ??= setTimeout(flush, TRANSCRIPT_WAIT_MS)
    },
    get begun() {
      return run !== undefined
    },
    flush,
  }
}
