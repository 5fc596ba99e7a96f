import { parseSync } from 'oxc-parser'

/** One small change to a file's text that a test should notice. */
export interface Change {
  readonly kind: ChangeKind
  readonly line: number
  readonly start: number
  readonly end: number
  readonly text: string
}

export type ChangeKind =
  | 'comparison turned'
  | 'and for or'
  | 'condition negated'
  | 'guard dropped'
  | 'call dropped'
  | 'member dropped'
  | 'answer negated'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

const TURNED: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
}
const OTHER: Readonly<Record<string, string>> = { '&&': '||', '||': '&&' }

/** Every change of these kinds that the text of a TypeScript file allows, from top to bottom. */
export function changesOf(source: string): Change[] {
  const { program, errors } = parseSync('source.ts', source)
  if (errors.length > 0) throw new Error(`The source cannot be read: ${errors[0]!.message}`)
  const changes: Change[] = []
  const change = (kind: ChangeKind, start: number, end: number, text: string): void => {
    const line = source.slice(0, start).split('\n').length
    changes.push({ kind, line, start, end, text })
  }
  walk(program as unknown as Node, (node) => {
    if (isUnseenStatement(node, source)) return false
    propose(node, source, change)
    return true
  })
  return changes.sort((a, b) => a.start - b.start)
}

/** The text with one change made. */
export function changed(source: string, { start, end, text }: Change): string {
  return source.slice(0, start) + text + source.slice(end)
}

type Propose = (kind: ChangeKind, start: number, end: number, text: string) => void

function propose(node: Node, source: string, change: Propose): void {
  const written = ({ start, end }: Node): string => source.slice(start, end)
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const [left, right] = [node['left'] as Node, node['right'] as Node]
      const operator = node['operator'] as string
      const turned = TURNED[operator] ?? OTHER[operator]
      if (turned === undefined) return
      const kind = operator in OTHER ? 'and for or' : 'comparison turned'
      // Brackets around each side keep what belonged together together.
      change(kind, node.start, node.end, `(${written(left)}) ${turned} (${written(right)})`)
      return
    }
    case 'IfStatement': {
      const [condition, then] = [node['test'] as Node, node['consequent'] as Node]
      if (!isComparison(condition))
        change('condition negated', condition.start, condition.end, `!(${written(condition)})`)
      if (node['alternate'] === null && leaves(then))
        change('guard dropped', node.start, node.end, ';')
      return
    }
    case 'ExpressionStatement': {
      const call = callOf(node['expression'] as Node)
      if (call !== undefined) change('call dropped', node.start, node.end, ';')
      return
    }
    case 'ConditionalExpression': {
      const condition = node['test'] as Node
      if (isComparison(condition)) return
      change('condition negated', condition.start, condition.end, `!(${written(condition)})`)
      return
    }
    case 'ReturnStatement': {
      const answer = node['argument'] as Node | null
      if (answer === null || !isQuestion(answer)) return
      change('answer negated', answer.start, answer.end, `!(${written(answer)})`)
      return
    }
    case 'ArrayExpression':
      return dropMembers(node['elements'] as (Node | null)[], source, change)
    case 'TemplateLiteral':
    case 'Literal':
      return dropWords(node, written(node), change)
  }
}

/** A list of literals: each without one of its members. */
function dropMembers(elements: readonly (Node | null)[], source: string, change: Propose): void {
  if (elements.length < 2) return
  for (const element of elements) {
    if (element === null || !isConstant(element)) continue
    const comma = /^\s*,/.exec(source.slice(element.end))?.[0].length ?? 0
    change('member dropped', element.start, element.end + comma, '')
  }
}

/** A text for people is no list of words. */
const SENTENCE = / (?:an?|the|of|is|was|be|not|to|that|with) /

/** A list that is written as words in one string. */
function dropWords(node: Node, text: string, change: Propose): void {
  if (SENTENCE.test(text)) return
  const isList = /^['`][\s\w.:/@-]+['`]$/.test(text) && !/[.:](?:\s|['`]$)/.test(text)
  const words = [...text.matchAll(/[\w./@-]+/g)]
  if (!isList || words.length < 5 || !words.every(([word]) => !/^[A-Z][a-z]/.test(word))) return
  for (const { 0: word, index } of words) {
    change('member dropped', node.start + index, node.start + index + word.length, '')
  }
}

function isConstant({ type, ...rest }: Node): boolean {
  if (type === 'Literal') return true
  if (type !== 'ArrayExpression') return false
  const [first] = rest['elements'] as (Node | null)[]
  return first?.type === 'Literal'
}

/** What is turned need not be negated: it is the same change, or nearly. */
function isComparison({ type, operator }: Node): boolean {
  return type === 'BinaryExpression' && (operator as string) in TURNED
}

/** The call of a statement that is nothing else: awaited, put aside with `void`, or asked with `?.`. */
function callOf({ type, argument, expression, ...rest }: Node): Node | undefined {
  if (type === 'CallExpression') return { type, ...rest }
  if (type === 'AwaitExpression' || type === 'UnaryExpression') return callOf(argument as Node)
  return type === 'ChainExpression' ? callOf(expression as Node) : undefined
}

/** What no test should look for: a line of the log, a timer let go, writes joined, what cannot happen. */
function isUnseenStatement({ type, expression }: Node, source: string): boolean {
  const call = type === 'ExpressionStatement' ? callOf(expression as Node) : undefined
  if (call === undefined) return false
  const { start, end } = call['callee'] as Node
  return /^assert|\blog\.(?:info|warn|error)$|\.(?:unref|cork)$|^clear(?:Timeout|Interval)$/.test(
    source.slice(start, end).replaceAll('?.', '.'),
  )
}

function isQuestion({ type, operator, callee, value }: Node): boolean {
  if (type === 'Literal') return typeof value === 'boolean'
  if (type === 'LogicalExpression') return operator !== '??'
  if (type === 'UnaryExpression') return operator === '!'
  const asked = ((callee as Node | undefined)?.['property'] as Node | undefined)?.['name']
  return type === 'CallExpression' && /^(?:has|is|some|every|includes|test)/.test(String(asked))
}

/** Whether a guard's body does nothing but leave: `return`, `throw`, `continue`. */
function leaves({ type, body }: Node): boolean {
  if (type === 'BlockStatement') {
    const statements = body as Node[]
    return statements.length > 0 && leaves(statements.at(-1)!)
  }
  return ['ReturnStatement', 'ThrowStatement', 'ContinueStatement'].includes(type)
}

/** Types, imports and what is written for the compiler alone are not walked, nor what `visit` leaves. */
function walk(node: Node, visit: (node: Node) => boolean): void {
  if (/^TS(?!AsExpression|NonNull|Satisfies)|^Import|^ExportAll/.test(node.type)) return
  if (!visit(node)) return
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit)
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}
