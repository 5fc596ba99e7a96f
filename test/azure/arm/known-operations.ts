import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { escalates } from '../../../src/protocol/azure/arm/operations/escalation.ts'
import { returnsSecret } from '../../../src/protocol/azure/arm/operations/secrets.ts'
import { isListedVerb } from '../../../src/protocol/azure/arm/operations/verbs.ts'

/**
 * Operations of Azure Resource Manager that are known by name, and what the gateway takes each for: the file is
 * read by people. Run this file to write the marks anew after a rule was changed, and read what is different.
 */
const FILE = fileURLToPath(new URL('known-operations.txt', import.meta.url))

export interface KnownOperation {
  /** `microsoft.web/sites/config/list/action`, in small letters. */
  readonly name: string
  readonly marks: string
}

const LETTERS: Readonly<Record<string, string>> = { r: 'read', w: 'write', d: 'delete' }

export function knownOperations(): readonly KnownOperation[] {
  const types: string[] = []
  return linesOf().flatMap((line) => {
    const depth = line.length - line.trimStart().length
    const [type = '', ...verbs] = line.trim().split(' ')
    types.length = depth
    types.push(type)
    return verbs.map((verb) => {
      const [, word = '', marks = ''] = /^([^*^?]+)([*^?]*)$/.exec(verb)!
      return { name: [...types, LETTERS[word] ?? `${word}/action`].join('/'), marks }
    })
  })
}

function linesOf(): readonly string[] {
  const lines = readFileSync(FILE, 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** `*` gives a secret, `^` gives access, `?` must be allowed by its name. */
export function marksOf(name: string): string {
  const secret = returnsSecret(name)
  const rises = escalates(name)
  const isUnknown = name.endsWith('/action') && !secret && !rises && !isListedVerb(name)
  return `${secret ? '*' : ''}${rises ? '^' : ''}${isUnknown ? '?' : ''}`
}

function written(names: readonly string[]): string {
  const lines: string[] = []
  const known = new Map<string, string[]>()
  for (const name of names) {
    const words = name.split('/')
    const verb = words.pop()!
    const last = verb === 'action' ? words.pop()! : verb[0]!
    const verbs = known.get(words.join('/')) ?? []
    known.set(words.join('/'), [...verbs, `${last}${marksOf(name)}`])
    // Types that have no operation of their own hold others.
    for (let at = 1; at < words.length; at++) {
      const outer = words.slice(0, at).join('/')
      if (!known.has(outer)) known.set(outer, [])
    }
  }
  const inOrder = [...known].sort(([one], [other]) => (sortable(one) < sortable(other) ? -1 : 1))
  for (const [type, verbs] of inOrder) {
    const words = type.split('/')
    lines.push([' '.repeat(words.length - 1) + words.at(-1)!, ...verbs.sort()].join(' '))
  }
  return lines.join('\n')
}

/** What is inside comes right behind what it is in. */
function sortable(type: string): string {
  return type.replaceAll('/', '\u0001')
}

if (import.meta.main) {
  const head = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('#'))
  const names = knownOperations().map(({ name }) => name)
  writeFileSync(FILE, `${[...head, written(names)].join('\n')}\n`)
}
