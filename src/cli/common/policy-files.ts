import { readFile } from 'node:fs/promises'
import { ChaperoneError } from '../../core/errors.ts'
import { parseDocumentAs } from '../../document/document.ts'
import type { CaseCatalog } from '../../policy/change/cases-schema.ts'
import { catalogSchema } from '../../policy/change/cases-schema.ts'
import type { Classify } from '../../policy/change/cases.ts'
import { parseCases } from '../../policy/change/cases.ts'
import type { ParsedPolicies, PolicyFile } from '../../policy/document.ts'
import { parsePolicies } from '../../policy/document.ts'
import { readPolicyFiles } from '../../policy/load/folder.ts'

/** The policies of a folder. Rejects with POLICY_INVALID, CONFIG_UNREADABLE or REQUEST_INVALID. */
export async function loadPolicies(folder: string): Promise<ParsedPolicies> {
  const files = await readPolicyFiles(folder)
  if (files.length === 0) {
    throw new ChaperoneError('REQUEST_INVALID', 'There is no policy file in the folder.', {
      place: { file: folder },
      hint: 'Policy files end in .yaml or .yml and lie in the folder itself.',
    })
  }
  return parsePolicies(files)
}

export async function readTextFile(file: string): Promise<PolicyFile> {
  try {
    return { file, text: await readFile(file, 'utf8') }
  } catch (cause) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'The file cannot be read.', {
      cause,
      place: { file },
      hint: 'Check the path and its permissions.',
    })
  }
}

/** A file that holds a catalog, or cases with one. */
export async function loadCatalog(path: string): Promise<CaseCatalog> {
  const { file, text } = await readTextFile(path)
  if (!/^cases:/m.test(text)) {
    const invalid = { code: 'POLICY_INVALID', what: 'The catalog is not valid' } as const
    return parseDocumentAs(text, file, catalogSchema, invalid).value
  }
  const { catalog } = parseCases({ file, text }).file
  if (catalog !== undefined) return catalog
  throw new ChaperoneError('REQUEST_INVALID', 'The file has no catalog.', { place: { file } })
}

/** Loads PostgreSQL's parser, which not every command needs. */
export async function loadClassifier(): Promise<Classify> {
  const { classifyDeclared } = await import('../../sql/postgres/declared-catalog.ts')
  return classifyDeclared
}
