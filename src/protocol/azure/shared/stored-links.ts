/** The account as its clients write it, and as the target does. */
export interface Origin {
  /** Lower case, with a port where one is written. */
  readonly authority: string
  /** `` or `/name`. */
  readonly prefix: string
}

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
