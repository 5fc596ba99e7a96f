import { randomBytes, randomInt } from 'node:crypto'
import type { User } from './directory.ts'
import type { Reply, Request } from './http.ts'
import { oauthError } from './oauth.ts'
import type { State } from './state.ts'

const DEVICE_CODE_LIFETIME_S = 900
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'

/** RFC 8628 section 3.1. */
export function startDeviceSignIn(state: State, { form }: Request): Reply {
  const clientId = form.get('client_id')
  if (clientId === null) return oauthError('invalid_request', 'AADSTS900144: no client_id.')
  const code = randomBytes(32).toString('base64url')
  const userCode = Array.from({ length: 9 }, () => USER_CODE_LETTERS[randomInt(20)]).join('')
  state.grants.devices.set(code, {
    userCode,
    clientId,
    scope: form.get('scope') ?? '',
    expiresAt_ms: state.clock.now_ms() + DEVICE_CODE_LIFETIME_S * 1000,
    answer: undefined,
  })
  const uri = `${state.url}/devicelogin`
  return {
    status: 200,
    body: {
      device_code: code,
      user_code: userCode,
      verification_uri: uri,
      expires_in: DEVICE_CODE_LIFETIME_S,
      interval: 1,
      message: `To sign in, open ${uri} and enter the code ${userCode}.`,
    },
  }
}

/** `GET` shows a form; `POST user_code, user[, answer=decline]` signs a configured user in. */
export function answerDeviceLogin(state: State, { method, form, query }: Request): Reply {
  if (method !== 'POST') return { status: 200, body: deviceForm(state, query.get('code') ?? '') }
  const userCode = (form.get('user_code') ?? '').toUpperCase()
  const grant = [...state.grants.devices.values()].find((one) => one.userCode === userCode)
  const user = findUser(state, form.get('user'))
  if (grant === undefined || user === undefined) {
    return { status: 404, body: page('There is no such code or user.') }
  }
  grant.answer = form.get('answer') === 'decline' ? 'declined' : user
  return { status: 200, body: page('You may close this page.') }
}

/** OAuth 2.0 authorization code with PKCE. `login_hint` signs that user in without a question. */
export function answerAuthorize(state: State, { query }: Request): Reply {
  const redirectUri = query.get('redirect_uri') ?? ''
  const hint = query.get('login_hint')
  if (!URL.canParse(redirectUri) || query.get('code_challenge_method') !== 'S256') {
    return oauthError('invalid_request', 'AADSTS9002325: redirect_uri and PKCE (S256) are needed.')
  }
  if (hint === null) return { status: 200, body: userLinks(state, query) }
  const user = findUser(state, hint)
  if (user === undefined) return { status: 404, body: page('There is no such user.') }
  const code = randomBytes(32).toString('base64url')
  state.grants.codes.set(code, {
    clientId: query.get('client_id') ?? '',
    scope: query.get('scope') ?? '',
    redirectUri,
    challenge: query.get('code_challenge') ?? '',
    nonce: query.get('nonce') ?? undefined,
    user,
  })
  const location = new URL(redirectUri)
  location.searchParams.set('code', code)
  location.searchParams.set('state', query.get('state') ?? '')
  return { status: 302, body: page('Signed in.'), headers: { location: location.href } }
}

function findUser(state: State, name: string | null): User | undefined {
  return [...state.directory.users.values()].find((user) => {
    return [user.name, user.userName, user.objectId].includes(name ?? '')
  })
}

function deviceForm(state: State, code: string): string {
  const users = [...state.directory.users.values()].map(
    ({ userName, name }) => `<option value="${escape(userName)}">${escape(name)}</option>`,
  )
  return page(`<form method="post">
<label>Code <input name="user_code" value="${escape(code)}"></label>
<label>User <select name="user">${users.join('')}</select></label>
<button name="answer" value="approve">Sign in</button>
<button name="answer" value="decline">Decline</button>
</form>`)
}

function userLinks(state: State, query: URLSearchParams): string {
  const links = [...state.directory.users.values()].map(({ userName, name }) => {
    const next = new URLSearchParams(query)
    next.set('login_hint', userName)
    return `<li><a href="?${escape(next.toString())}">${escape(name)}</a></li>`
  })
  return page(`<ul>${links.join('')}</ul>`)
}

function page(content: string): string {
  return `<!doctype html><title>Entra emulator</title><h1>Entra emulator: sign in</h1>${content}`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
