import type { HttpApi } from '../../http/api.ts'
import { answerOf } from '../shared/answers.ts'
import type { AzureNote } from '../shared/note.ts'
import type { AzureOptions } from '../shared/options.ts'
import { azureRefusal } from '../shared/refusal.ts'
import { droppedHeaders } from '../shared/request-head.ts'
import { readGraph } from './request.ts'

/** Microsoft Graph behind the gateway. */
export function graphApi(options: AzureOptions): HttpApi<AzureNote> {
  return {
    protocol: 'azure',
    path: { emptySegments: false, encodedSlashes: false },
    read: (head, body, asker) => readGraph(head, body, asker, options),
    prepare: (_request, _judgement, { head }) => ({
      set: [['accept-encoding', 'identity']],
      drop: droppedHeaders(head),
    }),
    answer: (request, judgement, answer, context) =>
      answerOf(request, judgement, answer, context, options),
    refuse: (refusal, head) => azureRefusal(refusal, options.authority, head),
  }
}
