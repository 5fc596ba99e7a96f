/** A shell that can do what tests need, over files of its own. */
export interface Shell {
  /** Runs words and gives what they print. */
  run(words: readonly string[], input: Buffer): { readonly output: Buffer; readonly code: number }
}

export function createShell(environment: Readonly<Record<string, string>>): Shell {
  const files = new Map<string, Buffer>()

  function run(words: readonly string[], input: Buffer): { output: Buffer; code: number } {
    const [program = '', ...rest] = words
    const say = (text: string, code = 0) => ({ output: Buffer.from(text), code })
    switch (program) {
      case 'sh':
        return rest[0] === '-c' ? run((rest[1] ?? '').split(' '), input) : say('')
      case 'echo':
        return say(`${rest.join(' ')}\n`)
      case 'env':
        return say(
          Object.entries(environment)
            .map(([name, value]) => `${name}=${value}\n`)
            .join(''),
        )
      case 'cat':
        if (rest.length === 0) return { output: input, code: 0 }
        return { output: files.get(rest[0]!) ?? Buffer.from(''), code: files.has(rest[0]!) ? 0 : 1 }
      case 'tee':
        files.set(rest[0] ?? '', input)
        return { output: input, code: 0 }
      case 'exit':
        return say('', Number(rest[0] ?? 0))
      default:
        return say(`${program}: not found\n`, 127)
    }
  }

  return { run }
}
