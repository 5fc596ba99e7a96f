import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { DetectMask } from '../../../core/verdict.ts'
import { createLineSearch } from './line-search.ts'

const MASK: DetectMask = {
  type: 'detect',
  detectors: ['private-key', 'email'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'r',
}

const searched = (text: string) => {
  const search = createLineSearch([MASK], { hashKey: Buffer.alloc(32) })
  return text.split('\n').map(search)
}

test('a private key is masked to its end, and what comes after it is not', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const shown = searched(`before a@example.com\nread ${pem}after`).join('\n')
  for (const line of pem.split('\n').slice(1, -2)) assert.ok(!shown.includes(line))
  assert.match(shown, /^before \[redacted\]\nread \[redacted\]\n/)
  assert.match(shown, /\nafter$/)
})

test('certificates pass, and what began and never ended is masked as far as a key goes', () => {
  const lines = searched(
    `-----BEGIN CERTIFICATE-----\nMII\n-----BEGIN PRIVATE KEY-----${'\nx'.repeat(500)}`,
  )
  assert.equal(lines[1], 'MII')
  assert.equal(lines[3], '[redacted]')
  assert.equal(lines.at(-1), 'x')
})

test('a log that begins within a key shows nothing of it', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd().split('\n')
  for (const head of ['', '2026-11-24T20:15:00.123456789Z ']) {
    for (const from of [1, 5, pem.length - 2]) {
      const rest = pem.slice(from).map((line) => head + line)
      const shown = searched([...rest, 'ready', 'c2hvd24gYXMgaXQgaXM='].join('\n'))
      assert.deepEqual(
        shown.slice(0, rest.length),
        rest.map(() => '[redacted]'),
      )
      assert.deepEqual(shown.slice(rest.length), ['ready', 'c2hvd24gYXMgaXQgaXM='])
    }
  }
  assert.deepEqual(searched('started\nlistening'), ['started', 'listening'])
})
