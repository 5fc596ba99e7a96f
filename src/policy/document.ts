import { createHash } from 'node:crypto'
import { RE2JS } from 're2js'
import { parseDocumentAs } from '../document/document.ts'
import type { Problem } from '../document/problems.ts'
import { InvalidDocument } from '../document/problems.ts'
import type { YamlDocument } from '../document/yaml.ts'
import type { Policy, Rule } from './compile.ts'
import { compileRule } from './compile.ts'
import { parseCondition } from './condition.ts'
import { parseGlob } from './pattern.ts'
import type { PolicyDocument, RuleDocument } from './schema.ts'
import { policySchema } from './schema.ts'

export interface PolicyFile {
  /** For places in errors. */
  readonly file: string
  readonly text: string
}

export interface ParsedPolicies {
  readonly policies: readonly Policy[]
  /** SHA-256 over names and bytes of all files: the version that verdicts name. */
  readonly version: string
}

const WHEN_INVALID = { code: 'POLICY_INVALID', what: 'The policies are not valid' } as const

/**
 * Reads policy files, one policy each. Throws InvalidDocument (POLICY_INVALID) with every problem
 * of every file, each with file, line, column and field.
 */
export function parsePolicies(files: readonly PolicyFile[]): ParsedPolicies {
  const problems: Problem[] = []
  const policies: Policy[] = []
  const seen = new Map<string, string>()
  for (const file of files) {
    try {
      const { value, yaml } = parseDocumentAs(file.text, file.file, policySchema, WHEN_INVALID)
      const other = seen.get(value.name)
      if (other !== undefined) {
        problems.push({
          message: `"${value.name}" is the name of the policy in ${other} too`,
          place: yaml.valuePlace(['name']),
        })
      }
      seen.set(value.name, file.file)
      policies.push(compilePolicy(value, file.file, yaml, problems))
    } catch (error) {
      if (!(error instanceof InvalidDocument)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new InvalidDocument(WHEN_INVALID.code, WHEN_INVALID.what, problems)
  return { policies, version: versionOf(files) }
}

function compilePolicy(
  document: PolicyDocument,
  file: string,
  yaml: YamlDocument,
  problems: Problem[],
): Policy {
  const { subjects, resources } = document
  return {
    name: document.name,
    file,
    document,
    placeOf: (path) => yaml.valuePlace(path),
    subjects: {
      agents: subjects.agents.map(parseGlob),
      groups: new Set(subjects.groups),
      roles: new Set(subjects.roles),
    },
    resources: {
      names: resources.names?.map(parseGlob),
      types: resources.types,
      labels: Object.entries(resources.labels ?? {}),
    },
    rules: document.rules.flatMap((rule, index) => {
      const path = ['rules', index]
      const problem = (key: readonly PropertyKey[], message: string, hint?: string) =>
        problems.push({
          message,
          place: yaml.valuePlace([...path, ...key]),
          ...(hint === undefined ? {} : { hint }),
        })
      return compiled(document.name, rule, problem)
    }),
  }
}

type Complain = (key: readonly PropertyKey[], message: string, hint?: string) => void

function compiled(policy: string, rule: RuleDocument, complain: Complain): Rule[] {
  const when = rule.when === undefined ? undefined : parseCondition(rule.when)
  if (typeof when === 'string') {
    complain(
      ['when'],
      `is no condition: ${when}`,
      'Write a CEL expression over agent, resource, op, session and now.',
    )
    return []
  }
  const effect = rule.deny === undefined ? 'hold' : 'deny'
  const texts = (rule.deny ?? rule.hold)?.text ?? []
  const expressions = texts.flatMap((source, index) => {
    try {
      return [RE2JS.compile(source)]
    } catch (error) {
      const why = error instanceof Error ? error.message : 'cannot be read'
      complain([effect, 'text', index], `is no RE2 regular expression: ${why}`)
      return []
    }
  })
  if (expressions.length < texts.length) return []
  return [compileRule(policy, rule, when, expressions)]
}

/** SHA-256 over names and bytes of all files, in hex. */
export function versionOf(files: readonly PolicyFile[]): string {
  const hash = createHash('sha256')
  const ordered = [...files].sort((a, b) => (a.file < b.file ? -1 : 1))
  for (const { file, text } of ordered) {
    const name = file.slice(file.lastIndexOf('/') + 1)
    hash.update(`${Buffer.byteLength(name)}:${name}${Buffer.byteLength(text)}:${text}`)
  }
  return hash.digest('hex')
}
