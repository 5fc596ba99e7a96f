import type { Running, Terminal } from './shell.ts'

/**
 * What `attach` finds running: a program that repeats each line, tells of new sizes, and ends at
 * `bye`.
 */
export function attach(terminal: Terminal): Running {
  let line = ''
  let isOver = false
  terminal.out('attached\r\n')

  function enter(): void {
    isOver = line === 'bye'
    if (isOver) terminal.exit(0)
    else terminal.out(`heard ${line}\r\n`)
    line = ''
  }

  return {
    input(bytes) {
      for (const key of bytes.toString('utf8')) {
        if (isOver) return
        if (key === '\r' || key === '\n') enter()
        else line += key
      }
    },
    end() {
      if (!isOver && line !== '') enter()
      if (!isOver) terminal.exit(0)
      isOver = true
    },
    resize: (columns, rows) => terminal.out(`[${columns}x${rows}]\r\n`),
  }
}
