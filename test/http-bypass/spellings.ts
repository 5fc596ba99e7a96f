import type { Dice } from '../support/dice.ts'

/** Ways to write the same path, or what some server takes for the same. */
const SPELLINGS: readonly ((path: string, dice: Dice) => string)[] = [
  (path) => path,
  (path, dice) => at(path, dice, percent),
  (path, dice) => at(at(path, dice, percent), dice, (c) => percent(c).toLowerCase()),
  (path, dice) => at(path, dice, (c) => percent(c).replace('%', '%25')),
  (path, dice) => at(path, dice, otherCase),
  (path) => path.toUpperCase(),
  (path) => path.toLowerCase(),
  (path, dice) => slash(path, dice, '//'),
  (path, dice) => slash(path, dice, '/./'),
  (path, dice) => slash(path, dice, '/x/../'),
  (path, dice) => slash(path, dice, '/%2e/'),
  (path, dice) => slash(path, dice, '/x/%2E%2e/'),
  (path, dice) => slash(path, dice, '%2f'),
  (path, dice) => slash(path, dice, '%2F'),
  (path, dice) => slash(path, dice, '%5c'),
  (path, dice) => slash(path, dice, ';a=b/'),
  (path, dice) => slash(path, dice, '%3Ba/'),
  (path, dice) => slash(path, dice, '/;/'),
  (path, dice) => slash(path, dice, '%20/'),
  (path, dice) => slash(path, dice, './'),
  (path, dice) => slash(path, dice, '%00/'),
  (path, dice) => slash(path, dice, '%09/'),
  (path, dice) => slash(path, dice, '%C2%A0/'),
  (path, dice) => slash(path, dice, '%E2%80%8B/'),
  (path, dice) => slash(path, dice, '%C0%AF'),
  (path, dice) => slash(path, dice, '%EF%BC%8F'),
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `${path}.`,
  (path) => `${path}%20`,
  (path) => `${path}%2e`,
  (path) => `${path};`,
  (path) => `${path}%3F`,
  (path) => `${path}%23`,
  (path) => `${path}:`,
  (path) => `${path}()`,
  (path) => `/${path}`,
  (path) => `/.${path}`,
  (path, dice) => at(path, dice, fullWidth),
  (path, dice) => at(path, dice, longS),
  (path, dice) => at(path, dice, (c) => `%u00${c.charCodeAt(0).toString(16)}`),
]

/** Ways to write the same query, or what some server takes for the same. */
const QUERIES: readonly ((query: string, dice: Dice) => string)[] = [
  (query) => query,
  (query) => query,
  (query) => query.split('&').toReversed().join('&'),
  (query) => `${query}&`,
  (query) => `&${query}`,
  (query) => query.replace('&', '&&'),
  (query, dice) => at(query, dice, percent),
  (query, dice) => at(query, dice, otherCase),
  (query) => query.toUpperCase(),
  (query) => `${query}&${query}`,
  (query) => `${query}&a`,
  (query) => query.replace('=', '[]='),
  (query) => query.replace('=', '=%20'),
  (query) => query.replace('=', '%3D'),
  (query) => query.replace('&', ';'),
  (query) => query.replace(/=.*/, ''),
  (query) => `${query}%00`,
  (query) => `?${query}`,
]

export function respelled(path: string, dice: Dice): string {
  return dice.pick(SPELLINGS)(path, dice)
}

export function requeried(query: string, dice: Dice): string {
  return query === '' ? dice.pick(['', '', '?', '?&']) : `?${dice.pick(QUERIES)(query, dice)}`
}

function at(text: string, dice: Dice, change: (character: string) => string): string {
  const index = dice.between(0, text.length)
  const character = text[index] ?? 'a'
  return character === '%' ? text : text.slice(0, index) + change(character) + text.slice(index + 1)
}

function slash(path: string, dice: Dice, instead: string): string {
  const places = Array.from(path.matchAll(/\//g), ({ index }) => index)
  const index = dice.pick(places)
  return path.slice(0, index) + instead + path.slice(index + 1)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`
}

function otherCase(character: string): string {
  const upper = character.toUpperCase()
  return upper === character ? character.toLowerCase() : upper
}

/** Letters that Unicode's folding or normalising makes plain ones of. */
function fullWidth(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x21 || code > 0x7e
    ? character
    : encodeURIComponent(String.fromCharCode(code + 0xfee0))
}

function longS(character: string): string {
  if (character === 's') return '%C5%BF'
  return character === 'k' ? '%E2%84%AA' : character
}
