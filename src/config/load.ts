import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ChaperoneError } from '../core/errors.ts'
import type { ParsedDocument } from '../document/document.ts'
import { parseDocumentAs } from '../document/document.ts'
import { InvalidDocument } from '../document/problems.ts'
import { crossCheck } from './crosscheck.ts'
import { checkFiles } from './files.ts'
import type { Config } from './schema.ts'
import { configSchema } from './schema.ts'

const WHEN_INVALID = { code: 'CONFIG_INVALID', what: 'The configuration is not valid' } as const

/**
 * Reads a configuration text; looks at no file and no variable. `file` gives places their name and
 * relative paths their start. Throws InvalidDocument (CONFIG_INVALID) with every problem found.
 */
export function parseConfig(text: string, file: string): Config {
  const { value, yaml } = parse(text, file)
  const problems = crossCheck(value, yaml)
  if (problems.length > 0) throw invalid(problems)
  return value
}

/**
 * Reads a configuration file and looks at the files and variables that it names. Throws
 * ChaperoneError CONFIG_UNREADABLE, or InvalidDocument (CONFIG_INVALID) with every problem.
 */
export function loadConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const { value, yaml } = parse(readText(file), file)
  const problems = [...crossCheck(value, yaml), ...checkFiles(value, yaml, environment)]
  if (problems.length > 0) throw invalid(problems)
  return value
}

function parse(text: string, file: string): ParsedDocument<Config> {
  return parseDocumentAs(text, file, configSchema(dirname(resolve(file))), WHEN_INVALID)
}

function invalid(problems: InvalidDocument['problems']): InvalidDocument {
  return new InvalidDocument(WHEN_INVALID.code, WHEN_INVALID.what, problems)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'The configuration file cannot be read.', {
      cause: error,
      place: { file },
      hint: 'Check the path and its permissions.',
    })
  }
}
