import type { Asker } from '../../http/api.ts'
import type { MaskRule } from '../../core/verdict.ts'
import { LINKS_PER_SESSION_MAX, LINK_SESSIONS_MAX } from './limits.ts'

/** What the gateway remembers of a link that it gave to a session. */
export interface GivenLink {
  /** Of the answer that the link came from: what it leads to belongs to the same question. */
  readonly masks: readonly MaskRule[]
  /** What the answer was about. */
  readonly objects: readonly (readonly string[])[]
}

/**
 * Links that sessions were given: to poll an operation that they began, to read the next page. They
 * are whole secrets of that session, since whoever has one reads what it leads to.
 */
export interface LinkStore {
  give(to: Asker, target: string, link: GivenLink): void
  /** `undefined`: not given to this session, or so long ago that it is forgotten. */
  find(asker: Asker, target: string): GivenLink | undefined
}

export function createLinkStore(): LinkStore {
  const sessions = new Map<string, Map<string, GivenLink>>()

  /** Oldest first: whoever gives or follows a link moves to the end. */
  function linksOf(session: string): Map<string, GivenLink> | undefined {
    const links = sessions.get(session)
    if (links === undefined) return undefined
    sessions.delete(session)
    sessions.set(session, links)
    return links
  }

  return {
    give({ sessionId }, target, link) {
      let links = linksOf(sessionId)
      if (links === undefined) {
        links = new Map()
        sessions.set(sessionId, links)
        forgetOldest(sessions, LINK_SESSIONS_MAX)
      }
      const key = linkKey(target)
      links.delete(key)
      links.set(key, link)
      forgetOldest(links, LINKS_PER_SESSION_MAX)
    },
    find({ sessionId }, target) {
      return linksOf(sessionId)?.get(linkKey(target))
    },
  }
}

function forgetOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return
    map.delete(key)
  }
}

/**
 * One key for a path with query, however a client writes it again: SDKs decode the query, sort it, leave
 * out what is empty and put their own `api-version` in.
 */
function linkKey(target: string): string {
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  const parameters = new URLSearchParams(at < 0 ? '' : target.slice(at + 1))
  const pairs = [...parameters]
    .filter(([name, value]) => value !== '' && name.toLowerCase() !== 'api-version')
    .map(([name, value]) => JSON.stringify([name.toLowerCase(), value]))
  return [decoded(path), ...pairs.sort()].join('\n')
}

function decoded(path: string): string {
  try {
    return path.split('/').map(decodeURIComponent).join('/')
  } catch {
    return path
  }
}
