import { request } from 'node:https'
import type { ArmWorld } from '../../world/arm.ts'
import { authorityOf } from '../../world/arm.ts'
import type { Attack } from './attacks.ts'

export interface Answer {
  readonly status: number
  /** Of a refusal. */
  readonly code: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly json: Record<string, unknown>
}

/** Sends one request as it is written; `/S/` stands for the emulator's subscription. */
export function sendTo(
  bench: ArmWorld,
  resource: string,
  { line, headers = [], body }: Omit<Attack, 'what' | 'codes'>,
  token: string,
): Promise<Answer> {
  const { subscription } = bench.arm
  const [method = '', target = ''] = line.replaceAll('/S/', `/${subscription}/`).split(' ')
  const bytes = bytesOf(body, subscription)
  const { hostname, port } = new URL(bench.door)
  const path = target.startsWith(bench.door)
    ? target.slice(bench.door.length)
    : `/${resource}${target}`
  const json = { 'content-type': 'application/json', 'content-length': bytes?.length ?? 0 }
  const head = { authorization: `Bearer ${token}`, ...(bytes === undefined ? {} : json) }
  const all = { ...head, ...Object.fromEntries(headers) }
  return new Promise((resolve, reject) => {
    const ca = authorityOf(bench)
    const sent = request({ hostname, port, method, path, ca, headers: all }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const read = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>
        const code = (read['error'] as { code?: string } | undefined)?.code ?? ''
        resolve({ status: answer.statusCode!, code, headers: answer.headers, json: read })
      })
    })
    sent.on('error', reject)
    sent.end(bytes)
  })
}

function bytesOf(body: unknown, subscription: string): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return Buffer.from(text.replaceAll('/S/', `/${subscription}/`))
}
