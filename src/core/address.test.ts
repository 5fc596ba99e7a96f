import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressKey } from './address.ts'

test('one IPv6 network is one address, and a mapped IPv4 address is itself', () => {
  assert.equal(addressKey('2001:db8:0:1::1'), addressKey('2001:DB8::1:ffff:0:0:2'))
  assert.notEqual(addressKey('2001:db8:0:1::1'), addressKey('2001:db8:0:2::1'))
  assert.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1')
  assert.notEqual(addressKey('192.0.2.1'), addressKey('192.0.2.2'))
  assert.equal(addressKey('fe80::1%eth0'), addressKey('fe80::2'))
})
