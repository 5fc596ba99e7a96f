import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPlaces } from './places.ts'

function setUp(connectionsMax: number, perAddressMax: number) {
  const places = createPlaces({ connectionsMax, perAddressMax })
  const evicted: string[] = []
  const enter = (name: string, address: string) =>
    places.enter(address, () => void evicted.push(name))
  return { evicted, enter }
}

test('2,000 silent sockets of four addresses keep nobody out', () => {
  const { evicted, enter } = setUp(2000, 500)
  const known = enter('known', '10.0.0.1')!
  known.keep()
  for (let n = 0; n < 2000; n++) assert.ok(enter(`idle-${n}`, `10.0.0.${(n % 4) + 1}`))
  assert.equal(evicted.includes('known'), false)
  // From elsewhere, and from one of the four, also while they go on.
  const elsewhere = enter('elsewhere', '10.0.9.9')
  const same = enter('same', '10.0.0.2')!
  for (let n = 0; n < 200; n++) enter('more', '10.0.0.2')
  assert.ok(elsewhere)
  assert.equal(evicted.includes('elsewhere') || evicted.includes('same'), false)
  same.keep()
  for (let n = 0; n < 2000; n++) enter('more', '10.0.0.2')
  assert.equal(evicted.includes('elsewhere') || evicted.includes('same'), false)
})

test('who is known keeps the place; a door that is full of them is full', () => {
  const { evicted, enter } = setUp(4, 3)
  for (const name of ['a', 'b', 'c']) enter(name, '10.0.0.1')!.keep()
  assert.equal(enter('d', '10.0.0.1'), undefined)
  const last = enter('e', '10.0.0.2')!
  last.keep()
  assert.equal(enter('f', '10.0.0.3'), undefined)
  last.leave()
  last.leave()
  assert.ok(enter('g', '10.0.0.3'))
  assert.deepEqual(evicted, [])
})

test('the /64 of an IPv6 address is one address', () => {
  const { evicted, enter } = setUp(100, 4)
  for (const end of [1, 2, 3]) enter(`${end}`, `2001:db8::${end}`)
  assert.deepEqual(evicted, ['1'])
})

test('whatever comes and goes, no bound is crossed and who is known is never moved', () => {
  const step = fc.record({
    address: fc.integer({ min: 0, max: 4 }),
    deed: fc.constantFrom('stay', 'keep', 'leave', 'leave-first'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const places = createPlaces({ connectionsMax: 10, perAddressMax: 4 })
      const inside = new Map<object, { address: number; kept: boolean; leave(): void }>()
      for (const { address, deed } of steps) {
        const key = {}
        const place = places.enter(`10.0.0.${address}`, () => {
          assert.equal(inside.get(key)?.kept, false)
          inside.delete(key)
        })
        const at = [...inside.values()].filter((one) => one.address === address)
        if (place === undefined) {
          const full = at.length >= 4 || inside.size >= 10
          assert.ok(full && !at.some(({ kept }) => !kept))
          continue
        }
        inside.set(key, { address, kept: deed === 'keep', leave: () => place.leave() })
        if (deed === 'keep') place.keep()
        if (deed === 'leave') {
          inside.delete(key)
          place.leave()
        }
        const [first] = inside
        if (deed === 'leave-first' && first !== undefined) {
          inside.delete(first[0])
          first[1].leave()
          first[1].leave()
        }
        assert.ok(inside.size <= 10)
        assert.ok([...inside.values()].filter((one) => one.address === address).length <= 4)
      }
    }),
  )
})
