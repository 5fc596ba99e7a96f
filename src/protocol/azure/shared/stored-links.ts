import type { Origin } from '../storage/requests/copy-source.ts'

/** The target's addresses as it may write them, and what the client calls the same. */
export function links(
  target: Origin,
  client: Origin,
): readonly (readonly [from: string, to: string])[] {
  const to = `https://${client.authority}${client.prefix}`
  const host = target.authority.replace(/:443$/, '')
  const hosts = host === target.authority ? [host, `${host}:443`] : [target.authority, host]
  return hosts.flatMap((one) =>
    ['https', 'http'].map((scheme) => [`${scheme}://${one}${target.prefix}`, to] as const),
  )
}
