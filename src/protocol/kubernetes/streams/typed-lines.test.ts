import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPipeLines, createTerminalLines, createUnknownLines } from './typed-lines.ts'

function typed(texts: readonly string[], create = createTerminalLines) {
  const judged: string[] = []
  const lines = create((line) => {
    judged.push(line)
    return undefined
  })
  const denial = texts
    .map((text) => lines.type(text) ?? lines.passes())
    .find((one) => one !== undefined)
  lines.end()
  return { judged, denial }
}

const CASES: readonly (readonly [
  what: string,
  texts: readonly string[],
  judged: readonly string[],
])[] = [
  ['a line', ['ls -l\r'], ['ls -l']],
  ['key by key', Array.from('rm x\r'), ['rm x']],
  ['corrections', ['rx\u007fm x\r'], ['rm x']],
  ['a line that is given up', ['rm x\u0003ls\r'], ['ls']],
  ['a line that is cleared', ['rm x\u0015ls\r'], ['ls']],
  ['keys that move', ['l\u001b[Ds\r'], ['ls', 'l\u001b[Ds']],
  ['a paste in brackets', ['\u001b[200~rm x\r'], ['rm x', '\u001b[200~rm x']],
  ['an escape that is none to a plain shell', [': \u001b[;env\r'], [': nv', ': \u001b[;env']],
  ['Ctrl-O and Ctrl-D', ['rm x\u000frm y\u0004'], ['rm x', 'rm y']],
  ['several at once', ['a\nb\n\nc'], ['a', 'b', 'c']],
]

for (const [what, texts, judged] of CASES) {
  test(`judges ${what}`, () => assert.deepEqual(typed(texts).judged, judged))
}

test('what is too long to be judged is refused in a terminal', () => {
  assert.equal(typed(['a'.repeat(5000)]).denial?.code, 'REQUEST_UNSUPPORTED')
})

test('in a pipe what was begun is judged before it goes on, since the end may come now', () => {
  assert.deepEqual(typed(['echo a\nrm', ' x'], createPipeLines).judged, [
    'echo a',
    'rm',
    'rm x',
    'rm x',
  ])
})

test('what comes in pieces of one byte and goes on together is judged once', () => {
  for (const create of [createPipeLines, createTerminalLines, createUnknownLines]) {
    let chars = 0
    const lines = create((line) => {
      chars += line.length
      return undefined
    })
    for (const key of 'x'.repeat(4000)) assert.equal(lines.type(key), undefined)
    assert.equal(lines.passes(), undefined)
    assert.ok(chars <= 4000, `${chars} characters were judged`)
  }
})

test('a long line of a pipe is judged part by part, and no command falls between two', () => {
  for (let before = 4000; before < 4200; before++) {
    const { judged, denial } = typed(
      [`${' '.repeat(before)}rm -rf x; ${'#'.repeat(9000)}`],
      createPipeLines,
    )
    assert.equal(denial, undefined)
    assert.ok(
      judged.some((line) => line.includes('rm -rf x')),
      String(before),
    )
    assert.ok(judged.every((line) => line.length <= 4096))
  }
})

test('in a pipe no key edits', () => {
  const { judged } = typed(['env #\u0015\n', 'en\u007fv\n', ': \u001b[;env\n'], createPipeLines)
  assert.deepEqual(judged, ['env #\u0015', 'en\u007fv', ': \u001b[;env'])
})

test('of what was there before, lines are judged as a terminal has them, and as a pipe', () => {
  const judgedOf = (text: string) => typed([text], createUnknownLines).judged
  assert.ok(judgedOf('env #\u0015\r').includes('env #\u0015'))
  assert.ok(judgedOf('enx\u007fv\r').includes('env'))
})
