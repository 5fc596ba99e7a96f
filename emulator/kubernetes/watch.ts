import type { ServerResponse } from 'node:http'
import { groupVersion } from './kinds.ts'
import type { Thing } from './objects.ts'
import type { Place } from './path.ts'
import type { Store } from './store.ts'
import { tableOf } from './table.ts'
import type { Call } from './verbs.ts'
import { selects, wantsTable } from './verbs.ts'

/** A watch: one JSON event a line; without a version, first of all what is there. */
export function followChanges(
  store: Store,
  { kind, namespace }: Place,
  call: Call,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const say = (type: string, object: object) =>
    void response.write(`${JSON.stringify({ type, object })}\n`)
  const shown = (thing: Thing) =>
    wantsTable(call) ? tableOf(kind, [thing], thing.metadata.resourceVersion ?? '') : thing
  const isMeant = (thing: Thing) =>
    (namespace === undefined || thing.metadata.namespace === namespace) && selects(call, thing)
  const after = call.query.get('resourceVersion') ?? ''
  if (after === '' || after === '0') {
    for (const thing of store.list(kind, namespace)) {
      if (isMeant(thing)) say('ADDED', shown(thing))
    }
  }
  if (call.query.get('allowWatchBookmarks') === 'true') {
    say('BOOKMARK', {
      kind: kind.kind,
      apiVersion: groupVersion(kind),
      metadata: { resourceVersion: String(store.version()) },
    })
  }
  const from = after === '' || after === '0' ? store.version() : Number(after)
  const stop = store.follow(from, (event) => {
    const isOurs = event.kind.resource === kind.resource && event.kind.group === kind.group
    if (isOurs && isMeant(event.object)) say(event.type, shown(event.object))
  })
  const seconds = Number(call.query.get('timeoutSeconds') ?? 0)
  const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined
  response.once('close', () => {
    clearTimeout(timer)
    stop()
  })
}
