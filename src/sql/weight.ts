import type { Operation, Output } from '../core/operation.ts'
import type { Classified, Effect } from './classification.ts'

/** What anything costs that is kept, whatever is in it. */
const EACH_BYTES = 1024

/** An output with its name, its source and, later, its description by the target. */
const OUTPUT_BYTES = 256
const SOURCE_BYTES = 64
const ACCESS_BYTES = 192
const PART_BYTES = 16

/**
 * About what a classification takes in memory, in bytes, without its text: no less than half of what
 * was measured (weight.test.ts), which is all that a bound needs.
 */
export function weightOf({ operation, statements }: Classified): number {
  let bytes = EACH_BYTES + weightOfOperation(operation)
  for (const { effects } of statements) {
    bytes += PART_BYTES
    for (const effect of effects) bytes += weightOfEffect(effect)
  }
  return bytes
}

function weightOfOperation(operation: Operation): number {
  const { accesses, predicates, copies = [], results, textWithoutSecrets = '' } = operation
  let bytes = textWithoutSecrets.length
  for (const { parts } of accesses) {
    bytes += ACCESS_BYTES + (Array.isArray(parts) ? parts.length * PART_BYTES : 0)
  }
  bytes += (predicates.length + copies.length) * SOURCE_BYTES
  for (const outputs of results) {
    bytes += PART_BYTES
    if (typeof outputs !== 'string') for (const output of outputs) bytes += weightOfOutput(output)
  }
  return bytes
}

function weightOfOutput({ name, sources }: Output): number {
  return OUTPUT_BYTES + name.length + (sources === 'unknown' ? 0 : sources.length * SOURCE_BYTES)
}

function weightOfEffect(effect: Effect): number {
  if (effect.type === 'prepare') return effect.text.length * 2 + weightOf(effect.statement)
  if (effect.type === 'declare') return effect.text.length + weightOf(effect.query)
  return PART_BYTES
}
