import { cutText } from './cut.ts'
import { TERMINAL_CHARS_MAX } from './limits.ts'
import type { LineShape } from './line.ts'
import type { TerminalPiece } from './trail.ts'

/** One piece of a recorded terminal; `kind` comes last, as in every line. */
export function terminalLine(
  shape: LineShape,
  operationId: string,
  { at_ms, kind, text }: TerminalPiece,
): string {
  return (
    shape.prefix +
    `"time":${Math.trunc(at_ms)},` +
    shape.unknownActivity +
    '"severity_id":1,"status_id":1,' +
    (shape.api ? '"api":{"operation":"terminal"},' : '') +
    shape.own +
    `"operation":${JSON.stringify(operationId)},` +
    `"stream":"${kind}","text":${JSON.stringify(cutText(text, TERMINAL_CHARS_MAX))},` +
    '"kind":"operation.terminal"}}}\n'
  )
}
