import type { Dice } from '../support/dice.ts'

export type Value = string | number | boolean | null | readonly Value[] | { [name: string]: Value }

const BLANKS = ['', '', '', ' ', '\n', '\t ', '\r\n  ']

/**
 * The same JSON as some other writer would write it: blanks anywhere, fields in another order,
 * characters as escapes. Every reader reads the same from it.
 */
export function spelled(value: Value, dice: Dice): string {
  const blank = () => dice.pick(BLANKS)
  let texts = 0
  // Each text has dice of its own: the rest is written alike, however long a text is.
  const said = (plain: string) => text(plain, dice.child(texts++))
  const write = (one: Value): string => {
    if (typeof one === 'string') return said(one)
    if (typeof one !== 'object' || one === null) return JSON.stringify(one)
    if (Array.isArray(one)) {
      const items = (one as readonly Value[]).map((item) => `${blank()}${write(item)}${blank()}`)
      return `[${items.join(',')}${items.length === 0 ? blank() : ''}]`
    }
    const fields = shuffled(Object.entries(one), dice).map(
      ([name, field]) => `${blank()}${said(name)}${blank()}:${blank()}${write(field)}`,
    )
    return `{${fields.join(',')}${blank()}}`
  }
  return write(value)
}

function text(plain: string, dice: Dice): string {
  const share = dice.pick([0, 0, 2, 7])
  const written = Array.from(JSON.stringify(plain).slice(1, -1).matchAll(UNIT), ([unit]) => {
    if (unit.startsWith('\\') || dice.between(0, 10) >= share) return unit
    if (unit === '/') return String.raw`\/`
    const code = unit.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${dice.between(0, 2) === 0 ? code : code.toUpperCase()}`
  })
  return `"${written.join('')}"`
}

const UNIT = /\\u[0-9a-f]{4}|\\.|[^\\]/gi

/** An Azure item's fields may come in any order too; ids that come late are part of the point. */
function shuffled<T>(list: readonly T[], dice: Dice): T[] {
  if (dice.between(0, 3) === 0) return [...list]
  const left = [...list]
  return list.map(() => left.splice(dice.between(0, left.length), 1)[0]!)
}

/**
 * Forms that readers disagree about, or that are no JSON at all: `whole` is a document, the second
 * one in full where two stand. What becomes of them is for the gateway to say, but nobody is shown a
 * secret by them.
 */
export const STRANGE: Readonly<Record<string, (whole: string) => string | Buffer>> = {
  mark: (whole) => `\ufeff${whole}`,
  utf16: (whole) => Buffer.from(`\ufeff${whole}`, 'utf16le'),
  utf16BigEndian: (whole) => Buffer.from(`\ufeff${whole}`, 'utf16le').swap16(),
  utf32: (whole) =>
    Buffer.from(
      Array.from(whole)
        .map((c) => `${c}\0\0\0`)
        .join(''),
      'latin1',
    ),
  comment: (whole) => `/* a */ ${whole}`,
  lineComment: (whole) => `// a\n${whole}`,
  commentInside: (whole) => whole.replace('{', '{/* " */'),
  trailingComma: (whole) => whole.replace(/\}(\s*)$/, ',}$1'),
  noColon: (whole) => whole.replace(/"\s*:/, '" '),
  twoNames: (whole) => whole.replace(/\{(\s*)"/, '{$1"first" "'),
  noComma: (whole) => whole.replace(/,(\s*")/, ' $1'),
  doubleColon: (whole) => whole.replace(/"\s*:/, '"::'),
  singleQuotes: (whole) => whole.replaceAll('"', "'"),
  bareNames: (whole) => whole.replaceAll(/"(\w+)"(\s*:)/g, '$1$2'),
  twice: (whole) => `${whole}${whole}`,
  twiceInLines: (whole) => `${whole}\n${whole}\n`,
  behindNothing: (whole) => `{}${whole}`,
  behindText: (whole) => `"a" ${whole}`,
  inList: (whole) => `[${whole}]`,
  inTwoLists: (whole) => `[[${whole}]]`,
  garbageBehind: (whole) => `${whole}garbage`,
  garbageBefore: (whole) => `)]}',\n${whole}`,
  deep: (whole) => whole.replace('{', `{"deep":${'{"a":'.repeat(150)}1${'}'.repeat(150)},`),
  deepLists: (whole) => `${'['.repeat(5000)}${whole}${']'.repeat(5000)}`,
  cutShort: (whole) => whole.slice(0, Math.floor(whole.length * 0.9)),
  control: (whole) => whole.replace(/"\s*:\s*"/, '":"\u0001\n'),
  loneSurrogate: (whole) => whole.replace(/"\s*:\s*"/, String.raw`":"\ud800`),
  badUtf8: (whole) => Buffer.concat([Buffer.from(whole.slice(0, -1)), Buffer.from([0xff, 0x7d])]),
  bigNumber: (whole) => whole.replace('{', `{"big":${'9'.repeat(400)}e99999,`),
  emptyName: (whole) => whole.replace('{', '{"":"",'),
  proto: (whole) => whole.replace('{', '{"__proto__":{"a":1},'),
  nul: (whole) => `\0${whole}`,
  separator: (whole) => `\u001e${whole}\n`,
  events: (whole) => `event: message\ndata: ${whole.replaceAll(/\r?\n/g, ' ')}\n\n`,
}
