import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { armOperation } from '../../../src/protocol/azure/arm/operations/operation.ts'
import { readArmPath } from '../../../src/protocol/azure/resource-path.ts'

/** What the rule makes of a line; every `{name}` gets a name. */
function operationOf(method: string, path: string): string {
  let names = 0
  const filled = path.replaceAll(/\{[^}]*\}/g, () => `x${names++}`)
  const read = readArmPath(filled.split('/').filter((segment) => segment !== ''))
  return typeof read === 'string' ? read : (armOperation(method, read)?.action ?? 'no such method')
}

test('the rule agrees with what Azure publishes, but for the lines that say where it does not', () => {
  const file = readFileSync(`${import.meta.dirname}/operations.txt`, 'utf8')
  const lines = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  assert.ok(lines.length > 150)
  let others = 0
  for (const line of lines) {
    const differs = line.startsWith('! ')
    const [method = '', path = '', published = '', ours = published] = line
      .replace(/^! /, '')
      .split(' ')
    const operation = operationOf(method, path).toLowerCase()
    assert.equal(operation, ours.toLowerCase(), line)
    if (!differs) continue
    others++
    assert.notEqual(operation, published.toLowerCase(), line)
  }
  assert.ok(others / lines.length < 0.03, `${others} of ${lines.length} differ`)
})
