import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unpackFrames } from '../../src/record/segments/frames.ts'

/** Every line of a records folder, sealed and live, as text. */
export async function recordedText(folder: string): Promise<string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.jsonl(\.zst)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  const texts = files.map(async (file) => {
    const bytes = readFileSync(file)
    return file.endsWith('.zst') ? unpackFrames(bytes, 1_000_000_000) : bytes
  })
  return Buffer.concat(await Promise.all(texts)).toString('utf8')
}
