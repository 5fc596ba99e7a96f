import { route } from './groups.ts'
import { resource } from './resources.ts'
import type { Call, Route } from './state.ts'
import { find, notFound, page, put } from './state.ts'

const D =
  '(/subscriptions/[^/]+(?:/resourcegroups/[^/]+)?)/providers/Microsoft.Resources/deploymentStacks'

/** Deployment stacks of templates with plain names; what a stack no longer names, it deletes or leaves. */
export const STACK_ROUTES: readonly Route[] = [
  { method: 'GET', path: route(D), answer: (call) => page(call, []) },
  { method: 'GET', path: route(`${D}/([^/]+)`), answer: read },
  { method: 'PUT', path: route(`${D}/([^/]+)`), answer: write },
  { method: 'DELETE', path: route(`${D}/([^/]+)`), answer: end },
  { method: 'POST', path: route(`${D}/([^/]+)/validate`), answer: validate },
]

function idOf({ parts }: Call): string {
  return `${parts[0]}/providers/Microsoft.Resources/deploymentStacks/${parts[1]}`
}

interface Properties {
  readonly template?: { readonly resources?: readonly { type: string; name: string }[] }
  readonly actionOnUnmanage?: { readonly resources?: string }
  readonly denySettings?: object
}

function propertiesOf({ json }: Call): Properties {
  return json?.['properties'] ?? {}
}

/** Ids of what the stack deployed last. */
function managedBy(call: Call): readonly string[] {
  const properties = find(call.state, idOf(call))?.['properties'] as
    { readonly resources: readonly { readonly id: string }[] } | undefined
  return properties?.resources.map(({ id }) => id) ?? []
}

function stackOf(call: Call) {
  const { template, actionOnUnmanage, denySettings } = propertiesOf(call)
  const resources = (template?.resources ?? []).map(({ type, name }) => ({
    id: `${call.parts[0]}/providers/${type}/${name}`,
    status: 'managed',
    denyStatus: 'none',
  }))
  const settings = { actionOnUnmanage, denySettings }
  return {
    id: idOf(call),
    name: call.parts[1]!,
    type: 'Microsoft.Resources/deploymentStacks',
    properties: { ...settings, provisioningState: 'succeeded', resources },
  }
}

function read(call: Call) {
  const found = find(call.state, idOf(call))
  return found === undefined ? notFound(idOf(call)) : { status: 200, body: found }
}

function write(call: Call) {
  const { template, actionOnUnmanage } = propertiesOf(call)
  const before = managedBy(call)
  const made = stackOf(call)
  const kept = new Set(made.properties.resources.map(({ id }) => id.toLowerCase()))
  if (actionOnUnmanage?.resources === 'delete') remove(call, before, kept)
  for (const { type, name, ...body } of template?.resources ?? []) {
    put(call.state, resource(call.state, `${call.parts[0]}/providers/${type}/${name}`, type, body))
  }
  return { status: before.length === 0 ? 201 : 200, body: put(call.state, made) }
}

function end(call: Call) {
  if (find(call.state, idOf(call)) === undefined) return { status: 204, body: {} }
  if (call.query.get('unmanageAction.Resources') === 'delete') {
    remove(call, managedBy(call), new Set())
  }
  call.state.things.delete(idOf(call).toLowerCase())
  return { status: 200, body: {} }
}

function remove({ state }: Call, ids: readonly string[], kept: ReadonlySet<string>): void {
  for (const id of ids) if (!kept.has(id.toLowerCase())) state.things.delete(id.toLowerCase())
}

function validate(call: Call) {
  return { status: 200, body: stackOf(call) }
}
