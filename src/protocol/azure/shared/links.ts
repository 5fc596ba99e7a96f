import { createHash } from 'node:crypto'
import type { MaskRule } from '../../../core/verdict.ts'
import type { Asker } from '../../http/api.ts'
import { LINK_SESSIONS_MAX, LINKS_MAX, LINKS_PER_SESSION_MAX } from '../limits.ts'

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
  let count = 0

  /** Oldest first: whoever gives or follows a link moves to the end. */
  function linksOf(session: string): Map<string, GivenLink> | undefined {
    const links = sessions.get(session)
    if (links === undefined) return undefined
    sessions.delete(session)
    sessions.set(session, links)
    return links
  }

  /** Whose links nobody asked for the longest. */
  function forgetSessions(): void {
    for (const [session, links] of sessions) {
      if (sessions.size <= LINK_SESSIONS_MAX && count <= LINKS_MAX) return
      sessions.delete(session)
      count -= links.size
    }
  }

  return {
    give({ sessionId }, target, link) {
      let links = linksOf(sessionId)
      if (links === undefined) {
        links = new Map()
        sessions.set(sessionId, links)
      }
      const key = linkKey(target)
      const before = links.size
      links.delete(key)
      links.set(key, link)
      for (const oldest of links.keys()) {
        if (links.size <= LINKS_PER_SESSION_MAX) break
        links.delete(oldest)
      }
      count += links.size - before
      forgetSessions()
    },
    find({ sessionId }, target) {
      const links = linksOf(sessionId)
      return links === undefined ? undefined : links.get(linkKey(target))
    },
  }
}

/**
 * One key for a path with query, however a client writes it again: SDKs decode the query, sort it, leave
 * out what is empty and put their own `api-version` in. However long a link is, its key is short.
 */
function linkKey(target: string): string {
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  const parameters = new URLSearchParams(at < 0 ? '' : target.slice(at + 1))
  const pairs = [...parameters]
    .filter(([name, value]) => value !== '' && name.toLowerCase() !== 'api-version')
    .map(([name, value]) => JSON.stringify([name.toLowerCase(), value]))
  return createHash('sha256')
    .update([decoded(path), ...pairs.sort()].join('\n'))
    .digest('base64')
}

function decoded(path: string): string {
  try {
    return path.split('/').map(decodeURIComponent).join('/')
  } catch {
    return path
  }
}
