import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REDACTED } from '../../../mask/maskers.ts'
import type { Json } from '../../http/strict-json.ts'
import { holdsMasks } from './masked-text.ts'

const BASE64 = Buffer.from(REDACTED).toString('base64')

/** Where a body can hold a text; each with the one it is called with. */
const PLACES: Readonly<Record<string, (text: string) => Json>> = {
  'the body itself': (text) => text,
  'a field': (text) => ({ data: { password: text } }),
  'the name of a field': (text) => ({ [text]: 1 }),
  'a list': (text) => ['a', text],
  'an environment': (text) => ({ spec: { containers: [{ env: [{ name: 'A', value: text }] }] } }),
  arguments: (text) => ({ spec: { containers: [{ args: ['--password', text] }] } }),
  'a patch of JSON': (text) => [{ op: 'add', path: '/data/a', value: text }],
  'a list in a list': (text) => [[[text]]],
}

for (const [place, put] of Object.entries(PLACES)) {
  test(`a mask that is written back: ${place}`, () => {
    for (const text of [REDACTED, BASE64, `{"a":"${REDACTED}"}`]) {
      assert.equal(holdsMasks(put(text)), true, text)
    }
    for (const text of ['', 'a', `about ${REDACTED} things`]) {
      assert.equal(holdsMasks(put(text)), false, text)
    }
  })
}
