import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ChaperoneError } from '../../core/errors.ts'
import { nearest } from '../../document/suggest.ts'
import { loadPolicies, readTextFile } from './policy-files.ts'

/** Of this installation. */
const LIBRARY = join(import.meta.dirname, '..', '..', '..', 'policies')

export interface LibraryPolicy {
  readonly name: string
  readonly description: string
}

/** The policies that are shipped to start from. */
export async function listLibrary(): Promise<readonly LibraryPolicy[]> {
  const { policies } = await loadPolicies(LIBRARY)
  return policies.map(({ name, document }) => ({ name, description: document.description ?? '' }))
}

/**
 * Copies a policy and its cases into the folder, which is made if need be. Returns the paths that it
 * wrote. Rejects with REQUEST_INVALID where there is no such policy, or where a file would be
 * overwritten, and then writes nothing.
 */
export async function copyFromLibrary(name: string, folder: string): Promise<readonly string[]> {
  const names = (await listLibrary()).map((one) => one.name)
  if (!names.includes(name)) {
    const meant = nearest(name, names)
    throw new ChaperoneError('REQUEST_INVALID', `There is no policy ${name} to start from.`, {
      hint: meant === undefined ? `There are: ${names.join(', ')}.` : `Did you mean ${meant}?`,
    })
  }
  // The cases first: a gateway that watches the folder takes the policy as soon as it is there.
  const paths = [join('cases', `${name}.yaml`), `${name}.yaml`]
  const copies = await Promise.all(
    paths.map(async (path) => ({
      file: join(folder, path),
      text: (await readTextFile(join(LIBRARY, path))).text,
    })),
  )
  const taken = copies.find(({ file }) => exists(file))
  if (taken !== undefined) throw wouldOverwrite(taken.file)
  for (const { file, text } of copies) write(file, text)
  return copies.map(({ file }) => file).reverse()
}

/** Also what is a link to nowhere. What cannot be looked at cannot be written either, and that tells why. */
function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { flag: 'wx' })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw wouldOverwrite(file)
    }
    throw new ChaperoneError('REQUEST_INVALID', 'The file cannot be written.', {
      cause,
      place: { file },
      hint: 'Name another folder with --folder.',
    })
  }
}

function wouldOverwrite(file: string): ChaperoneError {
  return new ChaperoneError('REQUEST_INVALID', 'There is such a file already.', {
    place: { file },
    hint: 'Name another folder with --folder, or move the file away.',
  })
}
