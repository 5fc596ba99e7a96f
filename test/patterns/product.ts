import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'

const ROOT = resolve(import.meta.dirname, '../..')

export interface Pattern {
  readonly path: string
  readonly source: string
  readonly flags: string
}

/** What makes an expression of texts that are known only when it runs. */
export interface Made {
  readonly path: string
  readonly text: string
}

export interface Patterns {
  readonly written: readonly Pattern[]
  readonly made: readonly Made[]
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Every regular expression of the product. */
export function patternsOfProduct(): Patterns {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'))
  const found = files.sort().map((path) => patternsOf(path, readFileSync(join(ROOT, path), 'utf8')))
  return {
    written: found.flatMap(({ written }) => written),
    made: found.flatMap(({ made }) => made),
  }
}

/** Literals, and what `new RegExp` gets where that is made of constants of its file. */
export function patternsOf(path: string, text: string): Patterns {
  const written: Pattern[] = []
  const made: Made[] = []
  const constants = new Map<string, Node>()
  const body = parseSync(path, text).program.body as unknown as Node[]
  for (const node of nodesIn(body)) {
    if (node.type === 'VariableDeclarator' && node['init'] !== null) {
      constants.set(String((node['id'] as Node)['name']), node['init'] as Node)
    }
  }
  for (const node of nodesIn(body)) {
    const { pattern, flags } = (node['regex'] ?? {}) as { pattern?: string; flags?: string }
    if (pattern !== undefined) written.push({ path, source: pattern, flags: flags ?? '' })
    const isCall = node.type === 'NewExpression' || node.type === 'CallExpression'
    if (!isCall || (node['callee'] as Node)['name'] !== 'RegExp') continue
    const [source, flag] = (node['arguments'] as Node[]).map((one) => textOf(one, constants))
    if (source === undefined) made.push({ path, text: text.slice(node.start, node.end) })
    else written.push({ path, source, flags: flag ?? '' })
  }
  return { written, made }
}

function* nodesIn(value: unknown): Generator<Node> {
  if (value === null || typeof value !== 'object') return
  if ('type' in value && typeof value.type === 'string') yield value as Node
  for (const inside of Object.values(value)) yield* nodesIn(inside)
}

/** The text that an expression has whenever it runs; undefined where that is not sure. */
function textOf(node: Node, constants: ReadonlyMap<string, Node>): string | undefined {
  switch (node.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? node['value'] : undefined
    case 'Identifier': {
      const known = constants.get(String(node['name']))
      return known && textOf(known, constants)
    }
    case 'TemplateLiteral':
      return joined(node, constants, 'cooked')
    case 'TaggedTemplateExpression':
      return joined(node['quasi'] as Node, constants, 'raw')
    case 'MemberExpression': {
      const { regex } = node['object'] as { regex?: { pattern: string } }
      return regex?.pattern
    }
    case 'CallExpression': {
      const { object, property } = node['callee'] as { object?: Node; property?: Node }
      if (object?.type !== 'ArrayExpression' || property?.['name'] !== 'join') return undefined
      const parts = (object['elements'] as Node[]).map((one) => textOf(one, constants))
      const between = textOf((node['arguments'] as Node[])[0]!, constants)
      return parts.includes(undefined) ? undefined : parts.join(between)
    }
    default:
      return undefined
  }
}

function joined(
  template: Node,
  constants: ReadonlyMap<string, Node>,
  form: 'raw' | 'cooked',
): string | undefined {
  const pieces = template['quasis'] as { value: { raw: string; cooked: string } }[]
  const between = (template['expressions'] as Node[]).map((one) => textOf(one, constants))
  if (between.includes(undefined)) return undefined
  return pieces.map(({ value }, at) => value[form] + (between[at] ?? '')).join('')
}
