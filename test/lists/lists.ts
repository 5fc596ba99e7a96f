import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'

const ROOT = resolve(import.meta.dirname, '../..')

/** Where lists of words and tables decide what passes, and not only how something is shown. */
const FOLDERS =
  'api approval identity listen main mask policy protocol record session sql upstream'.split(' ')

/** The queries of the catalog are no lists. */
const QUERIES = 'src/sql/postgres/catalog/catalog-query'

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

/** By `path NAME`: what the lists and tables of the product hold, as their files say it. */
export function listsOfProduct(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const folder of FOLDERS) {
    for (const file of globSync('**/*.ts', { cwd: join(ROOT, 'src', folder) }).sort()) {
      const path = `src/${folder}/${file}`
      if (path.startsWith(QUERIES)) continue
      if (path.endsWith('.test.ts')) continue
      for (const [name, members] of listsOf(readFileSync(join(ROOT, path), 'utf8'))) {
        found.set(`${path} ${name}`, members)
      }
    }
  }
  return found
}

/** The constants of a file that are lists: sets, maps, arrays, tables and words in one string. */
export function listsOf(source: string): [name: string, members: string[]][] {
  const { program } = parseSync('source.ts', source)
  return (program.body as unknown as Node[])
    .flatMap((node) =>
      node.type === 'ExportNamedDeclaration' ? (node['declaration'] as Node) : node,
    )
    .filter((node) => node?.type === 'VariableDeclaration')
    .flatMap((node) => node['declarations'] as Node[])
    .flatMap(({ id, init }): [string, string[]][] => {
      const members = init === null ? [] : membersOf(init as Node)
      const isConstant = /^[A-Z][A-Z\d_]*$/.test(String((id as Node)['name']))
      return members.length < 2 || !isConstant ? [] : [[String((id as Node)['name']), members]]
    })
}

/** Words, keys, numbers and patterns; sentences are for people, and functions are not walked. */
function membersOf(node: Node): string[] {
  switch (node.type) {
    case 'ArrayExpression':
      return (node['elements'] as Node[]).flatMap(membersOf)
    case 'ObjectExpression':
      return (node['properties'] as Node[]).flatMap(fieldsOf)
    case 'SpreadElement': {
      const argument = node['argument'] as Node
      const members = membersOf(argument)
      return argument.type === 'Identifier' ? members.map((name) => `...${name}`) : members
    }
    case 'Identifier':
      return [node['name'] as string]
    case 'Literal':
      return wordsOf(String(node['raw'] ?? node['value']).replaceAll(/^['"]|['"]$/g, ''))
    case 'TemplateLiteral':
      return (node['quasis'] as { value: { raw: string } }[]).flatMap(({ value }) =>
        wordsOf(value.raw),
      )
    case 'NewExpression':
      return (node['arguments'] as Node[]).flatMap(membersOf)
    case 'CallExpression': {
      const { object } = node['callee'] as { object?: Node }
      const made = [...(object === undefined ? [] : [object]), ...(node['arguments'] as Node[])]
      return made.filter(({ type }) => LISTED.test(type)).flatMap(membersOf)
    }
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return membersOf(node['expression'] as Node)
    default:
      return []
  }
}

const LISTED = /^(?:Array|Object|New|Call|TSAs)Expression$|Literal$/

function fieldsOf(property: Node): string[] {
  if (property.type === 'SpreadElement') return membersOf(property)
  const { name, value } = property['key'] as { name?: string; value?: string }
  const inside = membersOf(property['value'] as Node)
  return [`${oneWord(name ?? String(value))}:`, ...inside]
}

/** A text of many words is a list of them, but for one with marks of a sentence. */
function wordsOf(text: string): string[] {
  if (/^\/.*\/[a-z]*$/s.test(text)) return [oneWord(text)]
  if (/[.,?!]\s|\.$|^[A-Z][a-z]+ /.test(text)) return []
  return text.split(/\s+/).filter((word) => word !== '')
}

function oneWord(text: string): string {
  return text.replaceAll(/\s/g, '\\s')
}

/** As it is kept: the name of a list, and its members below it in lines that a diff shows well. */
export function written(lists: ReadonlyMap<string, readonly string[]>): string {
  return [...lists].map(([name, members]) => `${name}\n${lines(members)}`).join('\n')
}

function lines(members: readonly string[]): string {
  let text = ''
  let line = ' '
  for (const member of members) {
    if (line.length > 2 && line.length + member.length > 98) {
      text += `${line}\n`
      line = ' '
    }
    line += ` ${member}`
  }
  return `${text}${line}\n`
}

export function read(text: string): Map<string, string[]> {
  return new Map(
    text
      .trimEnd()
      .split('\n\n')
      .map((block) => {
        const [name, ...members] = block.split('\n')
        return [name!, members.flatMap((line) => line.trim().split(' '))]
      }),
  )
}
