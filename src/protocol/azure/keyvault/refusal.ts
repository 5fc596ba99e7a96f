import { CODES } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import type { LocalAnswer } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import type { Challenge } from '../shared/challenge.ts'
import { refusalText } from '../shared/refusal-text.ts'

/**
 * A refusal as a vault says it. Without a token it is the challenge that clients wait for: their
 * first request has neither token nor body. `resource` has to be the end of the vault's host name, or
 * SDKs take it for an attempt to get a token for somewhere else.
 */
export function vaultRefusal(
  challenge: Challenge,
  refusal: Denial | ChaperoneError,
  head?: RequestHead,
): LocalAnswer {
  const status = CODES[refusal.code].http
  const { policy, rule } = 'policy' in refusal || 'rule' in refusal ? refusal : {}
  const error = {
    code: vaultCode(status),
    message: refusalText(refusal),
    innererror: {
      code: refusal.code,
      ...(policy === undefined ? {} : { policy }),
      ...(rule === undefined ? {} : { rule }),
      ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
    },
  }
  const resource = challengeResource(challenge, head)
  const header = `Bearer authorization="${challenge.authority}", resource="${resource}"`
  return {
    status,
    headers: [
      ['content-type', 'application/json; charset=utf-8'],
      ['cache-control', 'no-cache'],
      ...(status === 401 ? [['www-authenticate', header] as const] : []),
    ],
    body: JSON.stringify({ error }),
  }
}

/**
 * The configured one; but for a vault that is called `NAME.vault.…` it is `https://vault.…`, which
 * SDKs accept without being told to.
 */
export function challengeResource(challenge: Challenge, head?: RequestHead): string {
  const host = (head?.authority ?? '').replace(/:\d+$/, '')
  const configured = challenge.resource.replace(/^https:\/\//, '')
  if (host === '' || host.endsWith(`.${configured}`)) return challenge.resource
  const parent = /^[a-z0-9-]+\.(vault\.[a-z0-9.-]+)$/.exec(host)?.[1]
  return parent === undefined ? challenge.resource : `https://${parent}`
}

function vaultCode(status: number): string {
  if (status === 401) return 'Unauthorized'
  if (status === 403) return 'Forbidden'
  if (status === 404) return 'NotFound'
  if (status === 408 || status === 429) return 'Throttled'
  return status >= 500 ? 'InternalServerError' : 'BadParameter'
}
