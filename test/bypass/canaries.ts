/**
 * Values that must never show. There are two sets: every case runs on each, and what the client
 * sees must be the same, so that a leak shows however it is spelled. They agree in what the maskers
 * keep (first letter and top-level domain, last four digits) and in their order.
 */
export interface Canaries {
  readonly email: string
  readonly card: string
}

export const CANARIES: readonly [Canaries, Canaries] = [
  { email: 'zq7canary.wv@kx9plover.example', card: '4929135797530864' },
  { email: 'zv3finchling.bu@tw4ouzel.example', card: '4485728164090864' },
]

/** Every stretch of this length gives a canary away. */
const WINDOW = 6

const SAFE = ['.example', '0864']

function stretches({ email, card }: Canaries): string[] {
  return [email, card].flatMap((value) =>
    Array.from({ length: value.length - WINDOW + 1 }, (_, at) => value.slice(at, at + WINDOW)),
  )
}

const NEEDLES = CANARIES.flatMap(stretches).filter(
  (stretch) => !SAFE.some((safe) => safe.includes(stretch)),
)

/** The stretch of a canary that the text holds: plain, in any case, reversed, hex or base64. */
export function findCanary(text: string): string | undefined {
  const spellings = spelled(text.toLowerCase())
  spellings.push(...decodedHex(text), ...decodedBase64(text))
  return NEEDLES.find((needle) => spellings.some((one) => one.includes(needle)))
}

function spelled(text: string): string[] {
  return [text, Array.from(text).reverse().join('')]
}

function decodedHex(text: string): string[] {
  return [...text.matchAll(/[0-9a-f]{12,}/gi)].flatMap(([run]) =>
    [run, run.slice(1)].flatMap((hex) =>
      spelled(Buffer.from(hex, 'hex').toString('latin1').toLowerCase()),
    ),
  )
}

function decodedBase64(text: string): string[] {
  return [...text.matchAll(/[A-Za-z0-9+/]{8,}/g)].flatMap(([run]) =>
    [0, 1, 2, 3].flatMap((skip) =>
      spelled(Buffer.from(run.slice(skip), 'base64').toString('latin1').toLowerCase()),
    ),
  )
}
