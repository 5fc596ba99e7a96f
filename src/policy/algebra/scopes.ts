import { RESOURCE_TYPES } from '../../core/resource.ts'
import type { Policy } from '../compile.ts'
import type { Glob } from '../pattern.ts'
import { parseGlob } from '../pattern.ts'
import { globsContain, globsIntersect } from './globs.ts'

const ANY_NAME: Glob = parseGlob('*')

/** One way in which a policy names whom it is for. */
export type SubjectAtom =
  | { readonly type: 'agent'; readonly glob: Glob; readonly text: string }
  | { readonly type: 'group' | 'role'; readonly text: string }

export function atomsOf({ document }: Policy): readonly SubjectAtom[] {
  const { agents, groups, roles } = document.subjects
  return [
    ...agents.map((text) => ({ type: 'agent' as const, glob: parseGlob(text), text })),
    ...groups.map((text) => ({ type: 'group' as const, text })),
    ...roles.map((text) => ({ type: 'role' as const, text })),
  ]
}

/** True if the policy is for all that the atom names. */
export function isFor({ subjects }: Policy, atom: SubjectAtom): boolean {
  if (globsContain(subjects.agents, ANY_NAME)) return true
  if (atom.type === 'agent') return globsContain(subjects.agents, atom.glob)
  return atom.type === 'group' ? subjects.groups.has(atom.text) : subjects.roles.has(atom.text)
}

/** True if `outer` applies to every resource that `inner` applies to. */
export function appliesWherever(outer: Policy, inner: Policy): boolean {
  const { names, types, labels } = outer.resources
  const theirs = inner.resources
  return (
    (names === undefined ||
      (theirs.names ?? [ANY_NAME]).every((name) => globsContain(names, name))) &&
    (types === undefined || (theirs.types ?? RESOURCE_TYPES).every((one) => types.includes(one))) &&
    labels.every(([name, value]) => theirs.labels.some(([a, b]) => a === name && b === value))
  )
}

/** True if someone may be both. */
export function mayBeOne(one: SubjectAtom, other: SubjectAtom): boolean {
  return one.type !== 'agent' || other.type !== 'agent' || globsIntersect(one.glob, other.glob)
}

/** True if there may be a resource that both apply to. */
export function mayApplyTogether(one: Policy, other: Policy): boolean {
  const [a, b] = [one.resources, other.resources]
  const names = (a.names ?? [ANY_NAME]).some((name) =>
    (b.names ?? [ANY_NAME]).some((theirs) => globsIntersect(name, theirs)),
  )
  const types = (a.types ?? RESOURCE_TYPES).some((type) => b.types?.includes(type) ?? true)
  const labels = a.labels.every(([name, value]) =>
    b.labels.every(([theirs, its]) => theirs !== name || its === value),
  )
  return names && types && labels
}
