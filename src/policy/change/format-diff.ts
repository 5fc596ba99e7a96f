import type { LineChange, PolicyDiff } from './diff.ts'

/** True if the change gives nothing: no grant, no loosened gate, no weaker obligation. */
export function givesNothing({ granted, loosened, obligations }: PolicyDiff): boolean {
  const weaker = obligations.some(({ direction }) => direction === 'weaker')
  return granted.length === 0 && loosened.length === 0 && !weaker
}

/** A comparison as text for people; ends with a line end. */
export function formatDiff(diff: PolicyDiff): string {
  const obligations = (direction: 'weaker' | 'stronger') =>
    diff.obligations
      .filter((change) => change.direction === direction)
      .map(({ policy, rule, what }) => `${what} (${policy}/${rule})`)
  const parts = [
    section('Granted', '+', diff.granted.map(lineText)),
    section('No longer denied or held', '+', diff.loosened.map(lineText)),
    section('Obligations that are gone or weaker', '+', obligations('weaker')),
    section('Taken away', '-', diff.takenAway.map(lineText)),
    section('Newly denied or held', '-', diff.tightened.map(lineText)),
    section('Obligations that are new or stronger', '-', obligations('stronger')),
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'Nothing changes.\n' : parts.join('\n')
}

function section(title: string, sign: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return `${title}:\n${lines.map((line) => `  ${sign} ${line}\n`).join('')}`
}

function lineText(change: LineChange): string {
  const { subject, effect, action, object, policy, rule, when, texts, mayDiffer } = change
  const condition = when === undefined ? '' : `, where ${when}`
  const doubt = mayDiffer ? '; only conditions or texts differ' : ''
  const what = texts === undefined ? '' : `, of texts with ${texts.join(' or ')}`
  return `${subject}: ${effect} ${action} on ${object}${what}${condition} (${policy}/${rule})${doubt}`
}
