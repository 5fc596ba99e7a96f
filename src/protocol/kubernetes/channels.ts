import type { Denial } from '../../core/denial.ts'
import type { TunnelMessage } from '../../http/api.ts'

/** The subprotocol in which the first byte of each message is its channel. */
export const CHANNEL_PROTOCOL = 'v4.channel.k8s.io'

/** The same, where a client can also close a channel. */
export const CLOSING_CHANNEL_PROTOCOL = 'v5.channel.k8s.io'

/** Gives the channel of a message for each of its fragments; only the first one carries it. */
export function channelMessages(
  take: (channel: number, data: Buffer) => Denial | undefined,
): (message: TunnelMessage) => Denial | undefined {
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
