import type { HttpApi } from '../../http/api.ts'
import { answerOf } from './answers.ts'
import type { AzureNote } from './arm-request.ts'
import { readArm } from './arm-request.ts'
import type { AzureOptions } from './options.ts'
import { previewOf } from './preview.ts'
import { isResourceSecret, showUnder } from './preview-mask.ts'
import { azureRefusal } from './refusal.ts'
import { droppedHeaders } from './request-head.ts'

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
