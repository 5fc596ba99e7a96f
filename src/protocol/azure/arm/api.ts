import type { HttpApi } from '../../http/api.ts'
import { answerOf } from '../shared/answers.ts'
import type { AzureNote } from '../shared/note.ts'
import type { AzureOptions } from '../shared/options.ts'
import { isResourceSecret, showUnder } from '../shared/preview-mask.ts'
import { previewOf } from '../shared/preview.ts'
import { azureRefusal } from '../shared/refusal.ts'
import { droppedHeaders } from '../shared/request-head.ts'
import { readArm } from './request.ts'

/** Azure Resource Manager behind the gateway. */
export function armApi(options: AzureOptions): HttpApi<AzureNote> {
  return {
    protocol: 'azure',
    path: { emptySegments: false, encodedSlashes: false },
    read: (head, body, asker) => readArm(head, body, asker, options),
    prepare: ({ note: { rewritten } }, _judgement, { head, seen }) => ({
      // Answers are read, so they must not come compressed.
      set: [['accept-encoding', 'identity'], ...(seen?.condition ?? [])],
      drop: droppedHeaders(head),
      ...(rewritten === undefined ? {} : { body: () => rewritten }),
    }),
    answer: (request, judgement, answer, context) =>
      answerOf(request, judgement, answer, context, options),
    refuse: (refusal, head) => azureRefusal(refusal, options.authority, head),
    preview: (request, body, call, judgement) =>
      previewOf(request, body, call, options, showUnder(judgement, options.keys, isResourceSecret)),
  }
}
