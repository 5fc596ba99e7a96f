import { filesOf, tarOf } from './tar.ts'

/** What a command in the emulated container writes to. */
export interface Terminal {
  out(bytes: Buffer | string): void
  error(text: string): void
  /** The command has ended. */
  exit(code: number): void
}

export interface Running {
  input(bytes: Buffer): void
  /** No more will come. */
  end(): void
  resize(columns: number, rows: number): void
}

export interface Container {
  readonly files: Map<string, Buffer>
  readonly environment: Readonly<Record<string, string>>
}

/** Runs a command of a container that is not there: a shell of a few words, and `tar` for cp. */
export function runCommand(
  container: Container,
  command: readonly string[],
  isTerminal: boolean,
  terminal: Terminal,
): Running {
  const [program = ''] = command
  if (program === 'tar') return tar(container, command, terminal)
  const isShell = /(^|\/)(ba|da)?sh$/.test(program)
  if (isShell && command.length === 1) return shell(container, isTerminal, terminal)
  const line = isShell && command[1] === '-c' ? command[2]! : command.join(' ')
  if (line === 'cat') return through(terminal)
  terminal.exit(runLine(container, line, terminal))
  return IDLE
}

function through(terminal: Terminal): Running {
  return { ...IDLE, input: (bytes) => terminal.out(bytes), end: () => terminal.exit(0) }
}

const IDLE: Running = { input() {}, end() {}, resize() {} }

function runLine({ files, environment }: Container, line: string, terminal: Terminal): number {
  const [program = '', ...words] = line.trim().split(/\s+/)
  switch (program) {
    case '':
    case 'true':
      return 0
    case 'echo':
      terminal.out(`${words.join(' ')}\n`)
      return 0
    case 'env':
      for (const [name, value] of Object.entries(environment)) terminal.out(`${name}=${value}\n`)
      return 0
    case 'cat': {
      const file = files.get(words[0] ?? '')
      if (file === undefined) terminal.error(`cat: ${words[0] ?? ''}: No such file or directory\n`)
      else terminal.out(file)
      return file === undefined ? 1 : 0
    }
    case 'exit':
      return Number(words[0] ?? 0)
    default:
      terminal.error(`sh: ${program}: not found\n`)
      return 127
  }
}

/** A terminal echoes what is typed, and ends lines as terminals do. */
function shell(container: Container, isTerminal: boolean, terminal: Terminal): Running {
  const asTerminal: Terminal = {
    ...terminal,
    out: (text) => terminal.out(String(text).replaceAll('\n', '\r\n')),
    error: (text) => terminal.out(text.replaceAll('\n', '\r\n')),
  }
  const to = isTerminal ? asTerminal : terminal
  let line = ''
  let code = 0
  let over = false
  if (isTerminal) to.out('$ ')

  function enter(): void {
    if (isTerminal) to.out('\n')
    code = runLine(container, line, to)
    over = /^\s*exit\b/.test(line)
    line = ''
    if (over) terminal.exit(code)
    else if (isTerminal) to.out('$ ')
  }

  return {
    input(bytes) {
      for (const key of bytes.toString('utf8')) {
        if (over) return
        if (key === '\r' || key === '\n') enter()
        else {
          line += key
          if (isTerminal) terminal.out(key)
        }
      }
    },
    end() {
      if (over) return
      if (line !== '') enter()
      over = true
      terminal.exit(code)
    },
    resize(columns, rows) {
      if (isTerminal) terminal.out(`[${columns}x${rows}]`)
    },
  }
}

/** `tar cf - FILE` and `tar -xmf - -C FOLDER`, as kubectl cp runs them. */
function tar({ files }: Container, command: readonly string[], terminal: Terminal): Running {
  const [, flags = ''] = command
  if (flags.includes('c')) {
    const name = command.at(-1)!
    const file = files.get(name)
    if (file === undefined) terminal.error(`tar: ${name}: not found\n`)
    else terminal.out(tarOf(name.replace(/^\//, ''), file))
    terminal.exit(file === undefined ? 1 : 0)
    return IDLE
  }
  const pieces: Buffer[] = []
  const folder = command.at(-1)!.replace(/\/$/, '')
  return {
    ...IDLE,
    input: (bytes) => void pieces.push(bytes),
    end() {
      for (const [name, content] of filesOf(Buffer.concat(pieces))) {
        files.set(`${folder}/${name}`, content)
      }
      terminal.exit(0)
    },
  }
}
