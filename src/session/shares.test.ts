import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMemory, createShares } from './shares.ts'

const MiB = 2 ** 20
const LIMITS = { bytesMax: 1024 * MiB, perHolderMax: 256 * MiB }
/** A quarter is kept for those who hold little, and 64 of them find room in it. */
const SMALL = 4 * MiB

test('one holder is bounded, and what it gives back it may take again', () => {
  const shares = createShares(LIMITS)
  assert.equal(shares.take('a', 256 * MiB), true)
  assert.equal(shares.take('a', 1), false)
  assert.equal(shares.held('a'), 256 * MiB)
  shares.give('a', MiB)
  assert.equal(shares.take('a', MiB + 1), false)
  assert.equal(shares.take('a', MiB), true)
})

test('all together are bounded, and who holds little still finds its share', () => {
  const shares = createShares(LIMITS)
  for (const name of ['a', 'b', 'c']) assert.equal(shares.take(name, 256 * MiB), true)
  assert.equal(shares.take('d', SMALL + 1), false)
  for (let n = 0; n < 64; n++) assert.equal(shares.take(`small-${n}`, SMALL), true)
  assert.equal(shares.take('one more', 1), false)
  assert.equal(shares.total, 1024 * MiB)
})

test('what holds a share gives all of it back at its end, and takes nothing after it', () => {
  const shares = createShares(LIMITS)
  const first = shares.open('a')
  const second = shares.open('a')
  assert.equal(first.take(200 * MiB), true)
  assert.equal(second.take(57 * MiB), false)
  assert.equal(second.take(56 * MiB), true)
  first.give(MiB)
  first.close()
  first.close()
  assert.equal(first.take(1), false)
  first.give(1)
  assert.equal(shares.held('a'), 56 * MiB)
  assert.throws(() => second.give(57 * MiB), /more was given back/)
  second.close()
  assert.equal(shares.total, 0)
})

test('a part of a share goes up and down with what it counts', () => {
  const shares = createShares(LIMITS)
  const share = shares.open('a')
  const [inbox, rows] = [share.part(), share.part()]
  assert.equal(inbox.set(200 * MiB), true)
  assert.equal(rows.set(57 * MiB), false)
  assert.equal(rows.set(50 * MiB), true)
  assert.equal(inbox.set(10), true)
  assert.equal(share.bytes, 50 * MiB + 10)
  share.close()
  assert.equal(rows.set(0), true)
  assert.equal(rows.set(1), false)
  assert.equal(shares.total, 0)
})

test('strangers take nothing of what agents have', () => {
  const { agents, strangers } = createMemory(LIMITS)
  let taken = 0
  for (let n = 0; n < 1000; n++) if (strangers.take(`10.0.0.${n}`, MiB)) taken++
  assert.ok(taken <= 64)
  assert.equal(agents.take('a', 256 * MiB), true)
  // One address leaves room for others.
  const other = createMemory(LIMITS).strangers
  while (other.take('10.0.0.1', 65_536));
  assert.equal(other.held('10.0.0.1'), 8 * MiB)
  assert.equal(other.take('10.0.0.2', 65_536), true)
})

test('whatever is taken and given in whatever order, every bound holds', () => {
  const step = fc.record({
    holder: fc.integer({ min: 0, max: 80 }),
    bytes: fc.integer({ min: 0, max: 3000 }),
    give: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const limits = { bytesMax: 25_600, perHolderMax: 5000 }
      const small = limits.bytesMax / 4 / 64
      const shares = createShares(limits)
      const held = new Map<string, number>()
      for (const { holder, bytes, give } of steps) {
        const name = `agent-${holder}`
        const before = held.get(name) ?? 0
        const sum = [...held.values()].reduce((one, other) => one + other, 0)
        if (give) {
          const back = Math.min(bytes, before)
          shares.give(name, back)
          held.set(name, before - back)
        } else {
          const took = shares.take(name, bytes)
          if (took) held.set(name, before + bytes)
          const large = before + bytes > small
          assert.equal(
            took,
            before + bytes <= limits.perHolderMax &&
              sum + bytes <= limits.bytesMax * (large ? 3 / 4 : 1),
          )
        }
        assert.equal(shares.held(name), held.get(name) ?? 0)
        assert.ok(shares.total <= limits.bytesMax)
      }
      for (const [name, bytes] of held) shares.give(name, bytes)
      assert.equal(shares.total, 0)
    }),
  )
})
