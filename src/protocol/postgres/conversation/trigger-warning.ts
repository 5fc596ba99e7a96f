import type { Lookup } from '../../../sql/lookup.ts'
import type { Conversation } from './conversation.ts'

/**
 * A trigger that somebody wrote may copy a masked column to where no mask is. Nobody can tell, so it is
 * said, once, of which table and columns that could be true.
 */
export function warnOfTriggers({ parts, session }: Conversation, lookup: Lookup): void {
  const masks = session.masks.filter((mask) => mask.type === 'columns')
  if (masks.length === 0) return
  const found = parts.classifier.news(lookup, ({ columns }) =>
    columns.filter(({ path }) => masks.some((mask) => mask.covers(path))).map(({ name }) => name),
  )
  for (const { relation, columns } of found) {
    parts.log.warn('mask.trigger-may-copy', {
      resource: session.resource.name,
      table: relation.path.join('.'),
      columns: columns.join(', '),
      triggers: relation.triggers.join(', '),
    })
  }
}
