import type { Classified, Effect, NameScope } from '../../classification.ts'
import { refuse } from '../../refuse.ts'
import type { Finding } from './operation.ts'
import { effectsOf } from './operation.ts'

/**
 * The statements of one text are judged before any of them runs. What an earlier one changes about
 * names would make a later one mean something else than what was judged: that is refused.
 */
export function createSequence(session: NameScope) {
  const names = createTextNames(session)
  const made = new Set<string>()
  const dropped = new Map<string, string>()
  let changed = false

  function isUncertain(finding: Finding): boolean {
    const { record } = finding
    const resolved = [...record.resolved()]
    if (changed && (resolved.length > 0 || record.placed())) return true
    if (resolved.some((name) => dropped.has(name))) return true
    return !isDefinition(finding) && resolved.some((name) => made.has(name))
  }

  function note({ judged }: Finding): void {
    for (const path of judged.touches ?? []) {
      const name = path.at(-1) ?? ''
      if (judged.drops === true) dropped.set(name, path.join('\0'))
      else {
        made.add(name)
        // Made again where it was: the name means this one.
        if (dropped.get(name) === path.join('\0')) dropped.delete(name)
      }
    }
  }

  return {
    names: names.scope,
    /** Takes in the next statement's finding. Throws SQL_UNRESOLVED if it cannot stand where it does. */
    follow(finding: Finding): void {
      if (isUncertain(finding)) tooLate()
      const effects = effectsOf(finding)
      for (const effect of effects) names.apply(effect)
      if (finding.judged.commits === true) {
        names.forget()
        changed = true
      }
      if (finding.judged.touches !== undefined) note(finding)
      else if (effects.some(changesNames)) changed = true
    },
  }
}

function tooLate(): never {
  return refuse(
    'SQL_UNRESOLVED',
    'An earlier statement of this text may change what a later one means.',
    'Send the statements one at a time.',
  )
}

function changesNames(effect: Effect): boolean {
  return ['catalog', 'rollback', 'code', 'discard'].includes(effect.type)
}

/** A definition names the same objects whether they were just added or there before. */
function isDefinition({ record }: Finding): boolean {
  return record.accesses().every((access) => access.action.startsWith('sql.ddl.'))
}

/** The session's names as the statements of this text change them. */
function createTextNames(session: NameScope) {
  const prepared = new Map<string, Classified | undefined>()
  const cursors = new Map<string, Classified | undefined>()
  let outer: NameScope | undefined = session
  const forget = (): void => {
    prepared.clear()
    cursors.clear()
    outer = undefined
  }
  const scope: NameScope = {
    prepared: (name) => (prepared.has(name) ? prepared.get(name) : outer?.prepared(name)),
    cursor: (name) => (cursors.has(name) ? cursors.get(name) : outer?.cursor(name)),
  }
  return {
    scope,
    /** What the names stand for is not certain any more. */
    forget,
    apply(effect: Effect): void {
      switch (effect.type) {
        case 'prepare':
          prepared.set(effect.name, effect.statement)
          break
        case 'declare':
          cursors.set(effect.cursor, effect.query)
          break
        case 'deallocate':
          if (effect.name === undefined) forget()
          else prepared.set(effect.name, undefined)
          break
        case 'close':
          if (effect.cursor === undefined) forget()
          else cursors.set(effect.cursor, undefined)
          break
        case 'catalog':
        case 'rollback':
        case 'code':
        case 'discard':
          forget()
          break
        case 'application-name':
          break
      }
    },
  }
}
