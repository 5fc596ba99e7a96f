import type { Dice } from '../support/dice.ts'

/** What one peer says before the other answers: whole messages, until they are mutated. */
export interface Scene {
  readonly from: 'client' | 'target'
  readonly messages: readonly Buffer[]
}

type Mutation = (dice: Dice, messages: Buffer[], foreign: readonly Buffer[]) => void

const INTERESTING = [0, 1, 4, 5, 0x7f, 0x80, 0xff]

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip(dice, messages) {
    onOne(dice, messages, (bytes) => {
      const at = dice.between(0, bytes.length)
      bytes[at] = bytes[at]! ^ (1 << dice.between(0, 8))
    })
  },
  set(dice, messages) {
    onOne(
      dice,
      messages,
      (bytes) => (bytes[dice.between(0, bytes.length)] = dice.pick(INTERESTING)),
    )
  },
  length(dice, messages) {
    onOne(dice, messages, (bytes) => {
      if (bytes.length >= 5) bytes.writeInt32BE(dice.pick([-1, 0, 3, 4, 5, 9, 10_001, 2 ** 30]), 1)
    })
  },
  count(dice, messages) {
    onOne(dice, messages, (bytes) => {
      if (bytes.length >= 7) bytes.writeInt16BE(dice.pick([-1, 0, 1, 2, 255, 32_767]), 5)
    })
  },
  cut(dice, messages) {
    const at = dice.between(0, messages.length)
    messages[at] = messages[at]!.subarray(0, dice.between(0, messages[at]!.length + 1))
  },
  drop(dice, messages) {
    messages.splice(dice.between(0, messages.length), 1)
  },
  repeat(dice, messages) {
    const at = dice.between(0, messages.length)
    messages.splice(at, 0, Buffer.from(messages[at]!))
  },
  swap(dice, messages) {
    const [one, other] = [dice.between(0, messages.length), dice.between(0, messages.length)]
    ;[messages[one], messages[other]] = [messages[other]!, messages[one]!]
  },
  graft(dice, messages, foreign) {
    messages.splice(dice.between(0, messages.length + 1), 0, Buffer.from(dice.pick(foreign)))
  },
  noise(dice, messages) {
    const bytes = Buffer.from(
      Array.from({ length: dice.between(1, 40) }, () => dice.between(0, 256)),
    )
    messages.splice(dice.between(0, messages.length + 1), 0, bytes)
  },
}

const MUTATIONS_MAX = 3

/** The conversation with a few things wrong. `foreign`: messages of other conversations, by peer. */
export function mutate(
  dice: Dice,
  scenes: readonly Scene[],
  foreign: Readonly<Record<Scene['from'], readonly Buffer[]>>,
): readonly Scene[] {
  const mutated = scenes.map(({ from, messages }) => ({
    from,
    messages: messages.map((m) => Buffer.from(m)),
  }))
  for (let left = dice.between(1, MUTATIONS_MAX + 1); left > 0; left--) {
    const { from, messages } = dice.pick(mutated)
    if (messages.length > 0)
      MUTATIONS[dice.pick(Object.keys(MUTATIONS))]!(dice, messages, foreign[from])
  }
  return mutated
}

function onOne(dice: Dice, messages: readonly Buffer[], change: (bytes: Buffer) => void): void {
  const bytes = dice.pick(messages)
  if (bytes.length > 0) change(bytes)
}
