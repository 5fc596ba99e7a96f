import type { ServerResponse } from 'node:http'

/** The log of every container. */
export interface Logs {
  write(line: string): void
  /** What was written so far, and with `follow` what comes. */
  send(response: ServerResponse, follow: boolean): void
}

export function createLogs(): Logs {
  const lines: string[] = []
  const followers = new Set<ServerResponse>()
  return {
    write(line) {
      lines.push(line)
      for (const follower of followers) follower.write(`${line}\n`)
    },
    send(response, follow) {
      response.flushHeaders()
      for (const line of lines) response.write(`${line}\n`)
      if (!follow) {
        response.end()
        return
      }
      followers.add(response)
      response.once('close', () => followers.delete(response))
    },
  }
}
