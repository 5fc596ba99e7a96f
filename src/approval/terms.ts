import type { Agent, Human, Principal } from '../core/principal.ts'
import type { ApprovalTerms, HoldVerdict } from '../core/verdict.ts'
import type { Answer } from './approvals.ts'

/** An answer, and which of the verdict's terms its giver speaks for. */
export interface CountedAnswer extends Answer {
  /** Indexes into the request's terms. */
  readonly speaksFor: readonly number[]
  /** The agent's owner, or the user it acts for: never enough alone. */
  readonly interested: boolean
}

/** How far one of the terms has come. */
export interface Progress {
  readonly needed: number
  readonly given: number
  readonly met: boolean
}

/** Every holding rule's terms, all of which must be met. */
export function termsOf(verdict: HoldVerdict): readonly ApprovalTerms[] {
  const approval: ApprovalTerms | readonly ApprovalTerms[] = verdict.approval
  return isList(approval) ? approval : [approval]
}

function isList(
  approval: ApprovalTerms | readonly ApprovalTerms[],
): approval is readonly ApprovalTerms[] {
  return Array.isArray(approval)
}

/** Indexes of the terms that name this person: by object id, or by a group. Names never count. */
export function speaksFor(terms: readonly ApprovalTerms[], human: Human): readonly number[] {
  return terms.flatMap((one, index) => (names(one, human) ? [index] : []))
}

function names({ approvers }: ApprovalTerms, human: Human): boolean {
  return (
    approvers.people.includes(human.objectId) ||
    approvers.groups.some((group) => human.groups.includes(group))
  )
}

/**
 * Whether the terms are met: each by as many distinct people as it asks for, of whom at least one
 * has no interest of their own. One person may speak for several terms.
 */
export function progressOf(
  terms: readonly ApprovalTerms[],
  answers: readonly CountedAnswer[],
): readonly Progress[] {
  return terms.map((one, index) => {
    const people = new Map<string, CountedAnswer>()
    for (const answer of answers) {
      if (answer.answer === 'approve' && answer.speaksFor.includes(index)) {
        people.set(personKey(answer), answer)
      }
    }
    const disinterested = [...people.values()].some((answer) => !answer.interested)
    const needed = Math.max(1, one.count)
    return { needed, given: people.size, met: people.size >= needed && disinterested }
  })
}

/** A person is a tenant and an object id; either alone may repeat. */
export function personKey(person: { readonly tenant: string; readonly objectId: string }): string {
  return `${person.tenant}/${person.objectId}`
}

/**
 * True for the agent's owner and for the user it acts for. An owner may be registered by object id or
 * by a sign-in name; here a name is enough, since a wrong match only asks for one person more.
 */
export function isInterested(asker: Asker, human: Human): boolean {
  return isOwner(asker.agent, human) || asker.delegation?.objectId === human.objectId
}

interface Asker {
  readonly agent: Pick<Agent, 'owner'>
  readonly delegation?: Principal['delegation']
}

/** True if the agent's registration names this person as its owner. */
export function isOwner(agent: Pick<Agent, 'owner'>, human: Human): boolean {
  const owner = agent.owner.trim().toLowerCase()
  return [human.objectId, personKey(human), human.name].some(
    (name) => name.trim().toLowerCase() === owner,
  )
}

/** Who is asked, in words: `2 of group dba, and 1 of people 1f0c…`. */
export function describeAsked(terms: readonly ApprovalTerms[]): string {
  return terms.map(describeOne).join(', and ')
}

function describeOne({ approvers, count }: ApprovalTerms): string {
  const groups = describeNames('group', approvers.groups)
  const people = describeNames('person', approvers.people)
  return `${count} of ${[...groups, ...people].join(' or ') || 'nobody'}`
}

function describeNames(what: string, names: readonly string[]): string[] {
  return names.map((name) => `${what} ${name}`)
}
