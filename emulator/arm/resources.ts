import { randomBytes } from 'node:crypto'
import { route } from './groups.ts'
import type { ArmState, Call, Route, Thing } from './state.ts'
import { accept, armError, find, notFound, page, put } from './state.ts'

const S = '/subscriptions/([^/]+)'
const G = `${S}/resourcegroups/([^/]+)`
const TYPED = '/providers/([^/]+/[^/]+)'

/** Resources of any type, and the few verbs that are served. */
export const RESOURCE_ROUTES: readonly Route[] = [
  { method: 'GET', path: route(`${S}/resources`), answer: (call) => page(call, inside(call, '')) },
  { method: 'GET', path: route(`${G}/resources`), answer: (call) => page(call, inside(call, '')) },
  {
    method: 'GET',
    path: route(`${S}${TYPED}`),
    answer: (call) => page(call, inside(call, call.parts[1]!)),
  },
  {
    method: 'GET',
    path: route(`${G}${TYPED}`),
    answer: (call) => page(call, inside(call, call.parts[2]!)),
  },
  { method: 'GET', path: route(`${G}${TYPED}/([^/]+)`), answer: readOne },
  { method: 'PUT', path: route(`${G}${TYPED}/([^/]+)`), answer: writeOne },
  { method: 'PATCH', path: route(`${G}${TYPED}/([^/]+)`), answer: changeOne },
  { method: 'DELETE', path: route(`${G}${TYPED}/([^/]+)`), answer: deleteOne },
  { method: 'POST', path: route(`${G}/exportTemplate`), answer: exportTemplate },
  {
    method: 'POST',
    path: route(`${G}/providers/(Microsoft.Storage/storageAccounts)/([^/]+)/listKeys`),
    answer: keys,
  },
  {
    method: 'POST',
    path: route(`${G}${TYPED}/([^/]+)/(start|restart|powerOff|deallocate)`),
    answer: run,
  },
]

function inside({ state, parts }: Call, type: string): readonly Thing[] {
  const group = type === '' ? parts[1] : parts.length > 2 ? parts[1] : undefined
  const base = group === undefined ? '' : `/resourcegroups/${group.toLowerCase()}/`
  return [...state.things.values()].filter(({ id, type: one }) => {
    const isResource =
      /\/resourcegroups\/[^/]+\/providers\//i.test(id) && !/deployments|Authorization/.test(one)
    const fits = type === '' || one.toLowerCase() === type.toLowerCase()
    return isResource && fits && id.toLowerCase().includes(base)
  })
}

function idOf({ state, parts }: Call): string {
  const [, group, type, name] = parts
  return `/subscriptions/${state.subscription}/resourceGroups/${group}/providers/${type}/${name}`
}

function readOne(call: Call) {
  const found = find(call.state, idOf(call))
  return found === undefined
    ? notFound(idOf(call))
    : { status: 200, body: found, headers: { etag: String(found['etag']) } }
}

function writeOne(call: Call) {
  const before = find(call.state, idOf(call))
  if (!isMet(call, before)) return preconditionFailed(call)
  const made = put(call.state, resource(call.state, idOf(call), call.parts[2]!, call.json ?? {}))
  return { status: before === undefined ? 201 : 200, body: made }
}

/** Fields of the first level are put in the place of what there is; the answer is the whole thing. */
function changeOne(call: Call) {
  const before = find(call.state, idOf(call))
  if (before === undefined) return notFound(idOf(call))
  if (!isMet(call, before)) return preconditionFailed(call)
  const body = { ...before, ...call.json }
  return { status: 200, body: put(call.state, resource(call.state, before.id, before.type, body)) }
}

function exportTemplate(call: Call) {
  const resources = inside(call, '').map(({ id: _id, etag: _etag, ...one }) => one)
  return { status: 200, body: { template: { contentVersion: '1.0.0.0', resources } } }
}

/** RFC 9110 section 13.1, as the emulator's clients write it: one tag, or `*`. */
function isMet({ headers }: Call, before: Thing | undefined): boolean {
  const match = headers['if-match']
  const none = headers['if-none-match']
  const fits = (asked: unknown) =>
    before !== undefined && (asked === '*' || asked === before['etag'])
  return (match === undefined || fits(match)) && (none === undefined || !fits(none))
}

function preconditionFailed(call: Call) {
  return armError(412, 'PreconditionFailed', `The condition on '${idOf(call)}' is not met.`)
}

export function resource(state: ArmState, id: string, type: string, body: object): Thing {
  const name = id.slice(id.lastIndexOf('/') + 1)
  const etag = `"${state.newId()}"`
  return { location: 'westeurope', ...body, id, name, type, etag }
}

function deleteOne(call: Call) {
  const before = find(call.state, idOf(call))
  if (!isMet(call, before)) return preconditionFailed(call)
  if (before === undefined) return { status: 204, body: {} }
  return accept(call, 'azure-asyncoperation', () => {
    call.state.things.delete(idOf(call).toLowerCase())
    return { status: 200, body: { status: 'Succeeded' } }
  })
}

function keys(call: Call) {
  if (find(call.state, idOf(call)) === undefined) return notFound(idOf(call))
  const key = (keyName: string) => ({
    keyName,
    value: randomBytes(64).toString('base64'),
    permissions: 'FULL',
  })
  return { status: 200, body: { keys: [key('key1'), key('key2')] } }
}

function run(call: Call) {
  if (find(call.state, idOf(call)) === undefined) return notFound(idOf(call))
  return accept(call, 'azure-asyncoperation', () => ({
    status: 200,
    body: { status: 'Succeeded' },
  }))
}
