import type { z } from 'zod'
import type { Code } from '../core/codes.ts'
import { explainIssues } from './issues.ts'
import { InvalidDocument } from './problems.ts'
import type { YamlDocument } from './yaml.ts'
import { readYaml } from './yaml.ts'

export interface ParsedDocument<T> {
  readonly value: T
  readonly yaml: YamlDocument
}

/**
 * Reads a YAML text against a schema. Throws InvalidDocument with every problem at once: either
 * all that is wrong with the YAML, or all that is wrong with its content.
 */
export function parseDocumentAs<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  whenInvalid: { readonly code: Code; readonly what: string },
): ParsedDocument<z.output<S>> {
  const yaml = readYaml(text, file)
  if (yaml.problems.length > 0) {
    throw new InvalidDocument(whenInvalid.code, whenInvalid.what, yaml.problems)
  }
  const result = schema.safeParse(yaml.value)
  if (result.success) return { value: result.data, yaml }
  const problems = explainIssues(result.error.issues, schema, yaml)
  throw new InvalidDocument(whenInvalid.code, whenInvalid.what, problems)
}
