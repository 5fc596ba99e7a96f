import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsSelected, labelsSelected } from './selectors.ts'

const FIELDS: readonly (readonly [selector: string, names: string[] | undefined])[] = [
  ['', []],
  ['a.b=c', ['a.b']],
  ['a==b,c!=d', ['a', 'c']],
  [',a=b,,c=d,', ['a', 'c']],
  ['a!=(,b=guess,c!=)', ['a', 'b', 'c']],
  [String.raw`a=x\,b=y,c=z`, ['a', 'c']],
  [String.raw`a=x\\,b=y`, ['a', 'b']],
  ['a=b\\', ['a']],
  ['a in (b,c)', undefined],
  ['a', undefined],
  [' a =b', [' a ']],
  ['a\n=b', ['a\n']],
]

for (const [selector, names] of FIELDS) {
  test(`fields of ${JSON.stringify(selector)}`, () =>
    assert.deepEqual(fieldsSelected(selector), names))
}

const LABELS: readonly (readonly [selector: string, names: string[] | undefined])[] = [
  ['', []],
  [' ', []],
  ['app', ['app']],
  ['!app, x.y/z', ['app', 'x.y/z']],
  ['a=b,c==d,e!=f,g>1,h<2', ['a', 'c', 'e', 'g', 'h']],
  ['a in (b,c),d notin (e)', ['a', 'd']],
  ['a in(b),c', ['a', 'c']],
  ['in in (in,notin),notin=in', ['in', 'notin']],
  ['a=,b', ['a', 'b']],
  ['a in (),b', ['a', 'b']],
  ['a=(b,c)', undefined],
  ['a (b)', undefined],
  ['a in (b', undefined],
  ['a in (b in (c))', undefined],
  ['a,', undefined],
  [',a', undefined],
  ['a b', undefined],
  ['!!a', undefined],
  ['!a=b', undefined],
  ['(((((((', undefined],
]

for (const [selector, names] of LABELS) {
  test(`labels of ${JSON.stringify(selector)}`, () =>
    assert.deepEqual(labelsSelected(selector), names))
}
