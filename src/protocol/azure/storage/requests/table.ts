import type { Denial } from '../../../../core/denial.ts'
import type { ObjectPath } from '../../../../core/object.ts'
import type { Access } from '../../../../core/operation.ts'
import { refusal } from '../../shared/denial.ts'
import type { StorageCall } from './call.ts'
import type { AnswerKind, Deed } from './deed.ts'
import { isReadOnly, storageAccess } from './deed.ts'
import { headerProblem, parameterProblem, unknownOperation } from './headers.ts'
import type { TableAddress } from './odata.ts'
import { filterProperties, isReservedTable, selectedProperties, tableAddress } from './odata.ts'

export type TableReading = Deed | Denial | 'needs-body'

/**
 * What a request to the table service does. Objects are account and table, the table in lower case
 * as the service ignores its case; parts are properties. A `$filter`, a key and a page's start are
 * conditions: they are answered without the value being shown.
 */
export function tableDeed(call: StorageCall, account: string, body?: Buffer): TableReading {
  const address = tableAddress(call.segments)
  if (address === undefined) {
    return refusal(
      'The path is no form that the gateway knows.',
      "Write /table(PartitionKey='…',RowKey='…').",
    )
  }
  const problem = headerProblem(call, []) ?? valueProblem(call)
  if (problem !== undefined) return problem
  switch (address.type) {
    case 'service':
      return serviceDeed(call, account)
    case 'tables':
      return collectionDeed(call, account, body)
    case 'table':
      return address.form === 'thing'
        ? tableThingDeed(call, account, address.table)
        : tableEntitiesDeed(call, account, address.table)
    case 'entity':
      return entityDeed(call, account, address)
    case 'batch':
      return unknownOperation(call)
  }
}

interface Made {
  readonly kind: string
  readonly object: ObjectPath
  /** Below `tableServices/`. */
  readonly actions: readonly string[]
  readonly parts?: Access['parts']
  readonly predicates?: readonly ObjectPath[]
  readonly answer?: AnswerKind
  readonly parameters?: readonly string[]
}

function made(call: StorageCall, what: Made): Deed | Denial {
  const problem = parameterProblem(call, what.parameters ?? [])
  if (problem !== undefined) return problem
  const parts = what.parts === undefined ? {} : { parts: what.parts }
  const accesses = what.actions.map((name) => ({
    ...storageAccess(`tableServices/${name}`, what.object),
    ...parts,
  }))
  return {
    kind: what.kind,
    accesses,
    predicates: what.predicates ?? [],
    copies: [],
    readOnly: isReadOnly(accesses),
    answer: what.answer ?? 'none',
    object: what.object,
    call,
    set: [],
  }
}

function serviceDeed(call: StorageCall, account: string): Deed | Denial {
  const comp = call.query.get('comp')
  const object = [account]
  if (call.query.get('restype') !== 'service') return unknownOperation(call)
  if (call.method === 'GET' && comp === 'properties') {
    return made(call, { kind: 'GetTableServiceProperties', object, actions: ['read'] })
  }
  if (call.method === 'PUT' && comp === 'properties') {
    return made(call, { kind: 'SetTableServiceProperties', object, actions: ['write'] })
  }
  if (call.method === 'GET' && comp === 'stats') {
    return made(call, { kind: 'GetTableServiceStats', object, actions: ['read'] })
  }
  return unknownOperation(call)
}

/** Exactly one property and no second of the same name: nobody can read another table out of it. */
const TABLE_BODY = /^\s*\{\s*"TableName"\s*:\s*"([A-Za-z][A-Za-z0-9]{2,62})"\s*\}\s*$/

function collectionDeed(call: StorageCall, account: string, body?: Buffer): TableReading {
  if (hasType(call)) return unknownOperation(call)
  if (call.method === 'GET') {
    return made(call, {
      kind: 'QueryTables',
      object: [account],
      actions: ['tables/read'],
      answer: 'listing',
      parameters: ['$filter', '$top', '$select', '$format', 'nexttablename'],
    })
  }
  if (call.method !== 'POST') return unknownOperation(call)
  if (body === undefined) return 'needs-body'
  const table = TABLE_BODY.exec(body.toString('utf8'))?.[1]
  if (table === undefined || isReservedTable(table) || !isJson(call)) {
    return refusal('The body names no table.', 'Send {"TableName":"name"} as application/json.')
  }
  return made(call, {
    kind: 'CreateTable',
    object: tableObject(account, table),
    actions: ['tables/write'],
    answer: 'listing',
    parameters: ['$format'],
  })
}

function tableThingDeed(call: StorageCall, account: string, table: string): Deed | Denial {
  if (hasType(call)) return unknownOperation(call)
  const object = tableObject(account, table)
  if (call.method === 'GET') {
    const parameters = ['$format']
    return made(call, {
      kind: 'GetTable',
      object,
      actions: ['tables/read'],
      answer: 'listing',
      parameters,
    })
  }
  if (call.method !== 'DELETE') return unknownOperation(call)
  return made(call, { kind: 'DeleteTable', object, actions: ['tables/delete'] })
}

function tableEntitiesDeed(call: StorageCall, account: string, table: string): Deed | Denial {
  const object = tableObject(account, table)
  const comp = call.query.get('comp')
  if (comp === 'acl' && !call.query.has('restype')) {
    if (call.method === 'GET' || call.method === 'HEAD') {
      return made(call, { kind: 'GetTableAcl', object, actions: ['tables/getAcl/action'] })
    }
    if (call.method !== 'PUT') return unknownOperation(call)
    return made(call, { kind: 'SetTableAcl', object, actions: ['tables/setAcl/action'] })
  }
  if (hasType(call)) return unknownOperation(call)
  if (call.method === 'POST') {
    return made(call, {
      kind: 'InsertEntity',
      object,
      actions: ['tables/entities/add/action'],
      predicates: keysOf(object),
      answer: 'entities',
      parameters: ['$format'],
    })
  }
  return call.method === 'GET' ? queryDeed(call, object) : unknownOperation(call)
}

function queryDeed(call: StorageCall, object: ObjectPath): Deed | Denial {
  const compared = filterProperties(call.query.get('$filter') ?? '')
  const parts = selectedProperties(call.query.get('$select'))
  if (compared === undefined || parts === undefined) {
    return refusal(
      'The $filter or $select holds something that the gateway does not understand.',
      'Use property names, comparisons, and, or, not, and brackets.',
    )
  }
  const starts = [
    ...(call.query.has('nextpartitionkey') ? ['PartitionKey'] : []),
    ...(call.query.has('nextrowkey') ? ['RowKey'] : []),
  ]
  return made(call, {
    kind: 'QueryEntities',
    object,
    actions: ['tables/entities/read'],
    parts,
    predicates: [...compared, ...starts].map((name) => [...object, name]),
    answer: 'entities',
    parameters: ['$filter', '$select', '$top', '$format', 'nextpartitionkey', 'nextrowkey'],
  })
}

type Entity = Extract<TableAddress, { type: 'entity' }>

function entityDeed(call: StorageCall, account: string, { table }: Entity): Deed | Denial {
  if (hasType(call)) return unknownOperation(call)
  const object = tableObject(account, table)
  const keys = keysOf(object)
  if (call.method === 'GET') {
    const parts = selectedProperties(call.query.get('$select'))
    if (parts === undefined) return refusal('The $select is not understood.', 'Use property names.')
    return made(call, {
      kind: 'GetEntity',
      object,
      actions: ['tables/entities/read'],
      parts,
      predicates: keys,
      answer: 'entities',
      parameters: ['$select', '$format'],
    })
  }
  // Whether an entity was there shows in the answers to all of these, and to an insertion.
  const base = { object, predicates: keys }
  if (call.method === 'DELETE') {
    return made(call, { ...base, kind: 'DeleteEntity', actions: ['tables/entities/delete'] })
  }
  const verb = WRITES[call.method]
  if (verb === undefined) return unknownOperation(call)
  const isUpsert = !call.headers.has('if-match')
  const update = 'tables/entities/update/action'
  return made(call, {
    ...base,
    kind: isUpsert ? `InsertOr${verb}Entity` : `${verb}Entity`,
    actions: isUpsert ? ['tables/entities/add/action', update] : [update],
  })
}

function keysOf(object: ObjectPath): readonly ObjectPath[] {
  return ['PartitionKey', 'RowKey'].map((name) => [...object, name])
}

const WRITES: Readonly<Record<string, string>> = { PUT: 'Replace', MERGE: 'Merge', PATCH: 'Merge' }

function tableObject(account: string, table: string): ObjectPath {
  return [account, table.toLowerCase()]
}

function hasType({ query }: StorageCall): boolean {
  return query.has('comp') || query.has('restype')
}

/** A body that says it is Atom, or in another encoding, is read by another parser than ours. */
function isJson({ headers }: StorageCall): boolean {
  const type = headers.get('content-type') ?? ''
  return /^application\/json(?:;\s*(?:odata=\w+|charset=utf-8|odata\.\w+=\w+))*$/i.test(type)
}

const VALUES: Readonly<Record<string, RegExp>> = {
  $top: /^\d{1,4}$/,
  $format: /^(?:application\/json(?:;odata=(?:no|minimal|full)metadata)?|json)$/,
  timeout: /^\d{1,5}$/,
}

function valueProblem({ query }: StorageCall): Denial | undefined {
  for (const [name, form] of Object.entries(VALUES)) {
    const value = query.get(name)
    if (value === undefined || form.test(value)) continue
    return refusal(
      `The parameter ${name} has a value that the gateway does not know.`,
      'Use a documented value.',
    )
  }
  return undefined
}
