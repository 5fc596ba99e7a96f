import type { Denial } from '../../../core/denial.ts'
import type { TunnelMessage } from '../../http/api.ts'

/** The subprotocol in which the first byte of each message is its channel. */
export const CHANNEL_PROTOCOL = 'v4.channel.k8s.io'

/** The same, where a client can also close a channel. */
export const CLOSING_CHANNEL_PROTOCOL = 'v5.channel.k8s.io'

type Take = (channel: number, data: Buffer) => Denial | undefined
type Messages = (message: TunnelMessage) => Denial | undefined

/** Gives the channel of what a client sends, as a kubelet reads it: each frame's first byte. */
export function clientChannels(take: Take): Messages {
  return ({ payload }) =>
    payload.length === 0 ? undefined : take(payload[0]!, payload.subarray(1))
}

/** The same for what the target sends, as clients read it: only a message's first fragment says. */
export function targetChannels(take: Take): Messages {
  let channel: number | undefined
  return ({ first, payload }) => {
    if (!first && channel !== undefined) return take(channel, payload)
    if (payload.length === 0) {
      channel = undefined
      return undefined
    }
    channel = payload[0]!
    return take(channel, payload.subarray(1))
  }
}
