import { StringDecoder } from 'node:string_decoder'
import type { Denial } from '../../../core/denial.ts'
import type { ApiRequest, TunnelGuard, TunnelHost } from '../../http/api.ts'
import { PIECE_CHARS_MAX } from '../limits.ts'
import type { KubernetesNote } from '../request/note.ts'
import {
  CHANNEL_PROTOCOL,
  clientChannels,
  CLOSING_CHANNEL_PROTOCOL,
  targetChannels,
} from '../streams/channels.ts'
import { createPortGuard } from '../streams/forwarded-ports.ts'
import { createPipeLines, createTerminalLines, createUnknownLines } from '../streams/typed-lines.ts'

/** Channels of `v4.channel.k8s.io` and `v5.channel.k8s.io`: the first byte of a message. */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

const CHANNELS: ReadonlySet<string> = new Set([CHANNEL_PROTOCOL, CLOSING_CHANNEL_PROTOCOL])

/**
 * Watches `exec`, `attach` and `portforward`. What passes a terminal is recorded as it passes; of
 * what is typed into one, each line is judged before its end goes on. A terminal can be fooled (see
 * docs/kubernetes.md): what an agent must not do there is refused by not allowing `exec`.
 */
export function createTerminalGuard(
  { note }: ApiRequest<KubernetesNote>,
  host: TunnelHost,
): TunnelGuard {
  const subresource = note.asked?.info.subresource
  if (subresource === 'portforward') return createPortGuard(host, note.sent.ports)
  if (!CHANNELS.has(host.subprotocol)) return UNKNOWN
  const { isTerminal, isArchive } = note.sent
  const createExecLines = isTerminal ? createTerminalLines : createPipeLines
  const createLines = subresource === 'exec' ? createExecLines : createUnknownLines
  const typed = createLines((line) => host.judge(line))
  const texts = [new StringDecoder(), new StringDecoder(), new StringDecoder()]

  function fromClient(channel: number, data: Buffer): Denial | undefined {
    if (channel === CHANNEL.resize) {
      const size = sizeOf(data)
      if (size === undefined) return UNKNOWN_SIZE
      host.record('r', size)
      return undefined
    }
    if (channel === CHANNEL.stdin) {
      // An archive (cp) has no lines, and its bytes are no text.
      if (isArchive) return undefined
      const text = texts[CHANNEL.stdin]!.write(data)
      record('i', text)
      return typed.type(text)
    }
    return channel === CHANNEL.close ? typed.end() : UNKNOWN_CHANNEL
  }

  function fromTarget(channel: number, data: Buffer): Denial | undefined {
    if (channel === CHANNEL.stdout || channel === CHANNEL.stderr) {
      if (channel === CHANNEL.stderr || !isArchive) {
        record('o', texts[channel]!.write(data))
      }
      return undefined
    }
    return channel === CHANNEL.error || channel === CHANNEL.close ? undefined : UNKNOWN_CHANNEL
  }

  function record(kind: 'i' | 'o', text: string): void {
    for (let at = 0; at < text.length; at += PIECE_CHARS_MAX) {
      host.record(kind, text.slice(at, at + PIECE_CHARS_MAX))
    }
  }

  return {
    fromClient: clientChannels(fromClient),
    fromTarget: targetChannels(fromTarget),
    passes: () => typed.passes(),
  }
}

/** The cluster reads one size after another, wherever a frame ends; here each has to be whole. */
function sizeOf(data: Buffer): string | undefined {
  try {
    const { Width, Height } = JSON.parse(data.toString('utf8')) as Record<string, unknown>
    return Number.isInteger(Width) && Number.isInteger(Height)
      ? `${String(Width)}x${String(Height)}`
      : undefined
  } catch {
    return undefined
  }
}

const UNKNOWN_PROTOCOL: Denial = {
  code: 'REQUEST_UNSUPPORTED',
  message: 'The stream is in a protocol that is not known here.',
  hint: 'Use kubectl 1.30 or later, which speaks v5.channel.k8s.io.',
}

const UNKNOWN: TunnelGuard = {
  fromClient: () => UNKNOWN_PROTOCOL,
  fromTarget: () => UNKNOWN_PROTOCOL,
}

const UNKNOWN_CHANNEL: Denial = {
  code: 'REQUEST_UNSUPPORTED',
  message: 'The stream has a channel that is not known here.',
  hint: 'Use kubectl, or a client library, in one of its released versions.',
}

const UNKNOWN_SIZE: Denial = {
  code: 'REQUEST_UNSUPPORTED',
  message: 'The stream has a new size of the terminal that cannot be read.',
  hint: 'Send each size as one message: {"Width":80,"Height":24}.',
}
