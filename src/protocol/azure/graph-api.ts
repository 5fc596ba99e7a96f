import type { HttpApi } from '../../http/api.ts'
import { answerOf } from './answers.ts'
import type { AzureNote } from './arm-request.ts'
import { readGraph } from './graph-request.ts'
import type { AzureOptions } from './options.ts'
import { azureRefusal } from './refusal.ts'
import { droppedHeaders } from './request-head.ts'

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
