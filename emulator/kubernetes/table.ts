import type { KubeObject } from './objects.ts'

/** Objects as kubectl prints them: a row of cells for each. */
export function tableOf(items: readonly KubeObject[], metadata: object): object {
  const column = (name: string, format: string) => ({
    name,
    type: 'string',
    format,
    description: '',
    priority: 0,
  })
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: [column('Name', 'name'), column('Labels', '')],
    rows: items.map((item) => ({
      cells: [item.metadata.name, JSON.stringify(item.metadata.labels ?? {})],
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: item.metadata,
      },
    })),
  }
}
