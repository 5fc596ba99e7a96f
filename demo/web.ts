import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Stage } from './stage.ts'

export interface Question {
  readonly method?: string
  readonly token?: string
  /** Sent as JSON, of this type. */
  readonly json?: unknown
  readonly contentType?: string
  readonly form?: Readonly<Record<string, string>>
}

export interface WebAnswer {
  readonly status: number
  readonly body: unknown
  /** As it came. */
  readonly text: string
}

/** Plain HTTPS as any client speaks it, trusting the gateway's authority alone. */
export async function ask(stage: Stage, url: string, question: Question = {}): Promise<WebAnswer> {
  const answer = await send(stage, url, question)
  const said = await text(answer)
  return { status: answer.statusCode ?? 0, body: JSON.parse(said) as unknown, text: said }
}

/** Opens an answer that goes on, and tells when it has ended. Rejects where it does not begin. */
export async function follow(
  stage: Stage,
  url: string,
  token: string,
): Promise<{ readonly ended: Promise<string> }> {
  const answer = await send(stage, url, { token })
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`)
  answer.resume()
  const ended = new Promise<string>((resolve) => {
    answer.once('end', () => resolve('it ended'))
    answer.once('error', (error) => resolve(`it ended: ${error.message}`))
  })
  return { ended }
}

function send(stage: Stage, url: string, question: Question): Promise<IncomingMessage> {
  const { token, json, form, contentType = 'application/json' } = question
  const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString()
  const type = form === undefined ? contentType : 'application/x-www-form-urlencoded'
  const headers = {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': type }),
  }
  const method = question.method ?? (body === undefined ? 'GET' : 'POST')
  return new Promise((resolve, reject) => {
    const ca = readFileSync(stage.authorityFile)
    const sent = request(url, { method, headers, ca, agent: false }, resolve)
    sent.once('error', reject)
    sent.end(body)
  })
}
