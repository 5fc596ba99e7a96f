import type { Kind } from './kinds.ts'
import type { Thing } from './objects.ts'
import { isRecord } from './objects.ts'

/** Objects as a `Table`, as kubectl asks for it to print it. */
export function tableOf(kind: Kind, things: readonly Thing[], version: string): object {
  const columns = ['Name', ...(COLUMNS[kind.resource] ?? []), 'Created At']
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: version },
    columnDefinitions: columns.map((name) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: name,
      priority: 0,
    })),
    rows: things.map((thing) => ({
      cells: [thing.metadata.name, ...cellsOf(kind, thing), thing.metadata.creationTimestamp],
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: thing.metadata,
      },
    })),
  }
}

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  secrets: ['Type', 'Data'],
  configmaps: ['Data'],
  pods: ['Status'],
  deployments: ['Replicas'],
  events: ['Message'],
}

function cellsOf({ resource }: Kind, thing: Thing): readonly string[] {
  const data = thing['data']
  const count = String(isRecord(data) ? Object.keys(data).length : 0)
  const spec = thing['spec']
  switch (resource) {
    case 'secrets':
      return [textOf(thing['type']), count]
    case 'configmaps':
      return [count]
    case 'pods':
      return ['Running']
    case 'deployments':
      return [textOf(isRecord(spec) ? spec['replicas'] : undefined)]
    case 'events':
      return [textOf(thing['message'])]
    default:
      return []
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
