const OWNERS: ReadonlySet<string> = new Set(['--no-same-permissions', '--no-same-owner'])

/**
 * Whether a command is the one that `kubectl cp` runs: `tar` that packs a file, or that unpacks into
 * a folder. What else `tar` can be told to do (it runs other programs, too) is a command like others.
 */
export function isCopying(command: readonly string[]): boolean {
  const [program, ...words] = command.filter((word) => !OWNERS.has(word))
  const [flags, archive, ...rest] = words
  if (program !== 'tar' || archive !== '-' || flags === undefined) return false
  if (/^-?xm?f$/.test(flags)) {
    return rest.length === 0 || (rest.length === 2 && rest[0] === '-C' && isPath(rest[1]!))
  }
  return /^-?cf$/.test(flags) && rest.length === 1 && isPath(rest[0]!)
}

function isPath(word: string): boolean {
  return !word.startsWith('-')
}
