import { route } from './groups.ts'
import { resource } from './resources.ts'
import type { Call, Route } from './state.ts'
import { accept, find, notFound, page, put } from './state.ts'

const D =
  '(/subscriptions/[^/]+(?:/resourcegroups/[^/]+)?)/providers/Microsoft.Resources/deployments'

/** Deployments of templates with plain names; expressions are not worked out. */
export const DEPLOYMENT_ROUTES: readonly Route[] = [
  { method: 'GET', path: route(D), answer: (call) => page(call, []) },
  { method: 'GET', path: route(`${D}/([^/]+)`), answer: read },
  { method: 'PUT', path: route(`${D}/([^/]+)`), answer: write },
  { method: 'GET', path: route(`${D}/([^/]+)/operations`), answer: (call) => page(call, []) },
  { method: 'POST', path: route(`${D}/([^/]+)/validate`), answer: validate },
  { method: 'POST', path: route(`${D}/([^/]+)/whatIf`), answer: whatIf },
]

interface Template {
  readonly resources?: readonly { type: string; name: string; [field: string]: unknown }[]
}

function idOf({ parts }: Call): string {
  return `${parts[0]}/providers/Microsoft.Resources/deployments/${parts[1]}`
}

function propertiesOf({ json }: Call): Record<string, unknown> {
  return (json?.['properties'] ?? {}) as Record<string, unknown>
}

function resourcesOf(call: Call) {
  const { resources = [] } = (propertiesOf(call)['template'] ?? {}) as Template
  return resources.map((one) => ({
    ...one,
    id: `${call.parts[0]}/providers/${one.type}/${one.name}`,
  }))
}

function read(call: Call) {
  const found = find(call.state, idOf(call))
  return found === undefined ? notFound(idOf(call)) : { status: 200, body: found }
}

function answerOf(call: Call, provisioningState: string) {
  const { mode, template, parameters } = propertiesOf(call)
  return {
    id: idOf(call),
    name: call.parts[1]!,
    type: 'Microsoft.Resources/deployments',
    properties: {
      mode,
      parameters,
      provisioningState,
      timestamp: new Date(0).toISOString(),
      duration: 'PT1S',
      correlationId: call.state.newId(),
      providers: [],
      dependencies: [],
      outputResources: template === undefined ? [] : resourcesOf(call).map(({ id }) => ({ id })),
    },
  }
}

function write(call: Call) {
  const accepted = accept(call, 'azure-asyncoperation', () => {
    for (const { id, type, ...body } of resourcesOf(call))
      put(call.state, resource(call.state, id, type, body))
    put(call.state, answerOf(call, 'Succeeded'))
    return { status: 200, body: { status: 'Succeeded' } }
  })
  put(call.state, answerOf(call, 'Accepted'))
  return { ...accepted, status: 201, body: answerOf(call, 'Accepted') }
}

function validate(call: Call) {
  return { status: 200, body: answerOf(call, 'Succeeded') }
}

function whatIf(call: Call) {
  const changes = resourcesOf(call).map(({ id, type, name, ...body }) => {
    const before = find(call.state, id)
    const after = { id, type, name, ...body }
    if (before === undefined) return { resourceId: id, changeType: 'Create', after }
    const was = before['properties']
    const is = (body as Record<string, unknown>)['properties']
    if (JSON.stringify(was) === JSON.stringify(is))
      return { resourceId: id, changeType: 'NoChange', before, after }
    const delta = [{ path: 'properties', propertyChangeType: 'Modify', before: was, after: is }]
    return { resourceId: id, changeType: 'Modify', before, after, delta }
  })
  return accept(call, 'location', () => ({
    status: 200,
    body: { status: 'Succeeded', properties: { changes } },
  }))
}
