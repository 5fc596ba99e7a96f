import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import { ChaperoneError } from '../../core/errors.ts'
import type { PolicyFile } from '../document.ts'
import { FILE_BYTES_MAX } from '../limits.ts'

/**
 * Reads one policy file: a regular one, or a link to one. Never waits for a writer, as opening a pipe
 * would. Rejects with CONFIG_UNREADABLE, or with POLICY_INVALID where it is too large or no UTF-8.
 */
export async function readPolicyFile(file: string): Promise<PolicyFile> {
  return { file, text: decoded(file, await readBytes(file)) }
}

async function readBytes(file: string): Promise<Buffer> {
  let handle: FileHandle | undefined
  try {
    // Asked first, since opening a device may do something; and again of what was opened.
    if (!(await stat(file)).isFile()) throw notRegular(file)
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const opened = await handle.stat()
    if (!opened.isFile()) throw notRegular(file)
    return await readWhole(handle, file, opened.size)
  } catch (cause) {
    if (cause instanceof ChaperoneError) throw cause
    throw new ChaperoneError('CONFIG_UNREADABLE', 'A policy file cannot be read.', {
      cause,
      place: { file },
      hint: 'Check that it exists, and its permissions.',
    })
  } finally {
    await handle?.close()
  }
}

/** No more than the bound, also of a file that grows meanwhile. */
async function readWhole(handle: FileHandle, file: string, size: number): Promise<Buffer> {
  let bytes = Buffer.alloc(Math.min(size, FILE_BYTES_MAX) + 1)
  for (let filled = 0; ;) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled)
    if (bytesRead === 0) return bytes.subarray(0, filled)
    filled += bytesRead
    if (filled > FILE_BYTES_MAX) throw tooLarge(file)
    if (filled === bytes.length) bytes = Buffer.concat([bytes], 2 * filled)
  }
}

/** Exactly these bytes and no others make this text, so whatever hashes the text hashes the bytes. */
function decoded(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ChaperoneError('POLICY_INVALID', 'A policy file is not valid UTF-8.', {
      place: { file },
      hint: 'Save it as UTF-8.',
    })
  }
}

function notRegular(file: string): ChaperoneError {
  return new ChaperoneError('CONFIG_UNREADABLE', 'A policy file is no regular file.', {
    place: { file },
    hint: 'What ends in .yaml or .yml in the policy folder must be a file, or a link to one.',
  })
}

function tooLarge(file: string): ChaperoneError {
  return new ChaperoneError('POLICY_INVALID', 'A policy file is too large.', {
    place: { file },
    hint: `It may have ${FILE_BYTES_MAX} bytes. Divide it into several policies.`,
  })
}
