import type { RequestHead } from '../../http/head.ts'
import { meantLine } from '../../http/meant-line.ts'
import type { Json } from './json.ts'
import { fieldOf, isList, isObject } from './json.ts'

const SECRET_FIELD =
  /(password|passwd|pwd|secret|token|key|credential|connectionstring|sas|certificate|privatekey|customdata|userdata|protectedsettings|pfx|signature|assertion)s?$/i
const NO_SECRET =
  /^(tags|keyvault|keyvaultid|keyname|primarykeyname|publickey|keydata|sshpublickey|sourcekey|keytype|keysource|keyidentifier|keyid|secretname|secretid|secretversion|tokenid|secreturi|keyuri|keyvaultproperties|authenticationtype)$/i

/**
 * What records and approvers see of a request: its line, which tool it came from, and its body with
 * what looks like a secret left out: no digest either, with which a short secret could be guessed.
 */
export function requestText(head: RequestHead, body?: { value: Json }): string {
  const line = meantLine(head)
  const notes = head.headers
    .filter(([name]) => name === 'commandname' || name === 'x-ms-client-request-id')
    .map(([name, value]) => `${name}: ${value.slice(0, NOTE_CHARS_MAX)}`)
  if (body === undefined) return [line, ...notes].join('\n')
  const shown = withoutSecrets(withoutSecureParameters(body.value))
  return [line, ...notes, '', JSON.stringify(shown, undefined, 1)].join('\n')
}

const NOTE_CHARS_MAX = 200

/** Values of fields that are named like secrets. */
export function withoutSecrets(value: Json, secret: boolean = false): Json {
  if (isList(value)) return value.map((one) => withoutSecrets(one, secret))
  if (!isObject(value)) {
    return secret && value !== null && typeof value !== 'boolean' ? '(not shown)' : value
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const hidden = secret || (SECRET_FIELD.test(name) && !NO_SECRET.test(name))
      return [name, withoutSecrets(one, hidden)]
    }),
  )
}

/** A template says which of its parameters are secrets, whatever they are called. */
function withoutSecureParameters(value: Json): Json {
  const secure = new Set<string>()
  collectSecure(value, secure)
  return secure.size === 0 ? value : hideParameters(value, secure)
}

function collectSecure(value: Json, secure: Set<string>): void {
  if (isList(value)) for (const one of value) collectSecure(one, secure)
  if (!isObject(value)) return
  for (const [name, one] of Object.entries(value)) {
    const type = isObject(one) ? fieldOf(one, 'type') : undefined
    if (typeof type === 'string' && /^secure/i.test(type)) secure.add(name.toLowerCase())
    collectSecure(one, secure)
  }
}

function hideParameters(value: Json, secure: ReadonlySet<string>, within = ''): Json {
  if (isList(value)) return value.map((one) => hideParameters(one, secure))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const small = name.toLowerCase()
      const isSecure = within === 'parameters' && secure.has(small)
      return [name, isSecure ? '(not shown)' : hideParameters(one, secure, small)]
    }),
  )
}
