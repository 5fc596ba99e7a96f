/** What the masked fields hold: values that occur nowhere else. */
export interface Secret {
  /** Of another length in each set: a length would tell them apart. */
  readonly word: string
  /** Of one length in all sets, for contents whose length is promised. */
  readonly even: string
  /** What detectors look for. */
  readonly email: string
  readonly card: string
}

/** Two sets, for comparing: whatever tells an agent which of them is in place is a leak. */
export const SECRETS: readonly [Secret, Secret] = [
  {
    word: 'qz7vexing.jk-wb4hymn',
    even: 'zx9fjordplumb',
    email: 'xw9plumbt@gq2fjord.com',
    card: '4111 1111 1111 1111',
  },
  {
    word: 'k3mjudgedfowl~zx8cwm-tryst-pv1nkgb',
    even: 'qv4sphinxgyms',
    email: 'mk3tryst@pv1nkgbzz.com',
    card: '5555 5555 5555 4444',
  },
]

export function secretTexts({ word, even, email, card }: Secret): readonly string[] {
  return [word, even, email, card]
}
