import type { MaskKeys } from '../../../mask/maskers.ts'
import type { HttpApi } from '../../http/api.ts'
import type { KubernetesNote } from '../request/note.ts'
import { readKubernetes } from '../request/request.ts'
import { answerOf } from './answer.ts'
import type { Impersonation } from './forward.ts'
import { forwardOf } from './forward.ts'
import { shownIn } from './preview-mask.ts'
import { previewOf } from './preview.ts'
import { kubernetesRefusal } from './refusal.ts'
import { createTerminalGuard } from './terminal.ts'

export interface KubernetesOptions {
  readonly impersonation?: Impersonation
  readonly keys: MaskKeys
}

/** A Kubernetes API server behind the gateway. */
export function kubernetesApi({ impersonation, keys }: KubernetesOptions): HttpApi<KubernetesNote> {
  return {
    protocol: 'kubernetes',
    path: { emptySegments: false, encodedSlashes: false },
    read: (head, body, asker) => readKubernetes(head, body, asker, keys),
    prepare: (request, judgement, context) => forwardOf(request, judgement, context, impersonation),
    answer: (request, judgement, answer) => answerOf(request, judgement, answer, keys),
    refuse: kubernetesRefusal,
    preview: (request, body, call, judgement) =>
      previewOf(request, body, { call, impersonation, show: shownIn(request, judgement, keys) }),
    tunnel: (request, _judgement, tunnel) => createTerminalGuard(request, tunnel),
  }
}
