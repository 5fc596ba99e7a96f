import type { ServerResponse } from 'node:http'

/** The log of every container. */
export interface Logs {
  write(line: string): void
  /** What was written so far, or its last lines or first bytes, and with `follow` what comes. */
  send(response: ServerResponse, query: URLSearchParams): void
}

export function createLogs(): Logs {
  const lines: string[] = []
  const followers = new Set<ServerResponse>()
  return {
    write(line) {
      lines.push(line)
      for (const follower of followers) follower.write(`${line}\n`)
    },
    send(response, query) {
      response.flushHeaders()
      const tail = Number(query.get('tailLines') ?? lines.length)
      const shown = lines.slice(Math.max(0, lines.length - tail)).map((line) => `${line}\n`)
      const bytes = Buffer.from(shown.join(''))
      response.write(bytes.subarray(0, Number(query.get('limitBytes') ?? bytes.length)))
      if (query.get('follow') !== 'true') {
        response.end()
        return
      }
      followers.add(response)
      response.once('close', () => followers.delete(response))
    },
  }
}
