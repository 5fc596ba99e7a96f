import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCopying } from './copying.ts'

const COPYING = [
  'tar cf - /data/x',
  'tar -xmf - -C /data',
  'tar --no-same-owner -xmf -',
  'tar xf -',
]

const OTHERS = [
  'cat x',
  'tar',
  'tar xf - --to-command=sh',
  'tar -xmf - -C --to-command=sh',
  'tar cf - x --checkpoint=1',
  'tar cf - --use-compress-program=sh',
  'tar -xmf /tmp/x -C /',
  'tar --to-command=sh -xmf -',
]

test('files are copied by two commands, and by no others', () => {
  for (const line of COPYING) assert.equal(isCopying(line.split(' ')), true, line)
  for (const line of OTHERS) assert.equal(isCopying(line.split(' ')), false, line)
})
