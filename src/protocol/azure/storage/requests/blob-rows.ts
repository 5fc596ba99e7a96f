import type { AnswerKind } from './deed.ts'

/** One operation of the blob service, and how a request for it looks. */
export interface BlobRow {
  readonly kind: string
  readonly methods: readonly string[]
  readonly at: 'account' | 'container' | 'blob' | 'anywhere'
  readonly restype?: string
  readonly comp?: string
  /** Below `blobServices/`. */
  readonly action: string
  readonly parameters?: readonly string[]
  /** Headers and parameters without which, or beside which, it is another operation. */
  readonly needs?: readonly string[]
  readonly lacks?: readonly string[]
  /** Headers that it reads beside the harmless ones. */
  readonly headers?: readonly string[]
  readonly answer?: AnswerKind
}

const GET = ['GET', 'HEAD']
const ONE = ['snapshot', 'versionid']
const BLOBS = 'containers/blobs'
const SUPER = `${BLOBS}/immutableStorage/runAsSuperUser/action`
const PUT_HEADERS = [
  'x-ms-tags',
  'x-ms-immutability-policy-until-date',
  'x-ms-immutability-policy-mode',
  'x-ms-legal-hold',
]
const SOURCE_IF = [
  'x-ms-source-if-modified-since',
  'x-ms-source-if-unmodified-since',
  'x-ms-source-if-match',
  'x-ms-source-if-none-match',
  'x-ms-source-if-tags',
]
const SOURCE = ['x-ms-copy-source', ...SOURCE_IF]
const SOURCE_PIECE = [
  ...SOURCE,
  'x-ms-source-range',
  'x-ms-source-content-md5',
  'x-ms-source-content-crc64',
]
const COPY_SOURCE = [
  ...SOURCE,
  'x-ms-source-content-md5',
  'x-ms-copy-source-tag-option',
  'x-ms-copy-source-blob-properties',
  ...PUT_HEADERS,
]

/** The operations of the whole account, and those that stand at every level. */
const ACCOUNT: readonly BlobRow[] = [
  {
    kind: 'ListContainers',
    methods: ['GET'],
    at: 'account',
    comp: 'list',
    action: 'containers/read',
    parameters: ['prefix', 'marker', 'maxresults', 'include'],
    answer: 'listing',
  },
  service('GetBlobServiceProperties', ['GET'], 'properties', 'read'),
  service('SetBlobServiceProperties', ['PUT'], 'properties', 'write'),
  service('GetBlobServiceStats', ['GET'], 'stats', 'read'),
  {
    kind: 'GetAccountInformation',
    methods: ['GET', 'HEAD', 'POST'],
    at: 'anywhere',
    restype: 'account',
    comp: 'properties',
    action: 'getInfo/action',
  },
  {
    kind: 'FindBlobsByTags',
    methods: ['GET'],
    at: 'account',
    comp: 'blobs',
    action: `${BLOBS}/filter/action`,
    parameters: ['where', 'marker', 'maxresults', 'include'],
    answer: 'listing',
  },
]

function service(kind: string, methods: string[], comp: string, action: string): BlobRow {
  return { kind, methods, at: 'account', restype: 'service', comp, action }
}

function container(
  kind: string,
  methods: readonly string[],
  comp: string | undefined,
  action: string,
  more: Partial<BlobRow> = {},
): BlobRow {
  const at = { at: 'container', restype: 'container' } as const
  return { kind, methods, ...at, ...(comp === undefined ? {} : { comp }), action, ...more }
}

const PUBLIC = 'x-ms-blob-public-access'

const CONTAINER: readonly BlobRow[] = [
  container('CreateContainer', ['PUT'], undefined, 'containers/write', { headers: [PUBLIC] }),
  container('GetContainerProperties', GET, undefined, 'containers/read'),
  container('DeleteContainer', ['DELETE'], undefined, 'containers/delete'),
  container('GetContainerMetadata', GET, 'metadata', 'containers/read'),
  container('SetContainerMetadata', ['PUT'], 'metadata', 'containers/write'),
  container('GetContainerAcl', GET, 'acl', 'containers/getAcl/action'),
  container('SetContainerAcl', ['PUT'], 'acl', 'containers/setAcl/action', { headers: [PUBLIC] }),
  container('LeaseContainer', ['PUT'], 'lease', 'containers/write', {
    needs: ['x-ms-lease-action'],
    headers: ['x-ms-lease-action'],
  }),
  container('RestoreContainer', ['PUT'], 'undelete', 'containers/write', {
    needs: ['x-ms-deleted-container-name', 'x-ms-deleted-container-version'],
    headers: ['x-ms-deleted-container-name', 'x-ms-deleted-container-version'],
  }),
  container('ListBlobs', ['GET'], 'list', `${BLOBS}/read`, {
    parameters: [
      'prefix',
      'delimiter',
      'marker',
      'maxresults',
      'include',
      'startfrom',
      'endbefore',
      'showonly',
    ],
    answer: 'listing',
  }),
  container('FindBlobsByTagsInContainer', ['GET'], 'blobs', `${BLOBS}/filter/action`, {
    parameters: ['where', 'marker', 'maxresults', 'include'],
    answer: 'listing',
  }),
]

function blob(
  kind: string,
  methods: readonly string[],
  comp: string | undefined,
  action: string,
  more: Partial<BlobRow> = {},
): BlobRow {
  const at = 'blob' as const
  return { kind, methods, at, ...(comp === undefined ? {} : { comp }), action, ...more }
}

const WRITE = `${BLOBS}/write`
const READ = `${BLOBS}/read`

const BLOB: readonly BlobRow[] = [
  blob('GetBlob', ['GET'], undefined, READ, { parameters: ONE, answer: 'blob' }),
  blob('GetBlobProperties', ['HEAD'], undefined, READ, { parameters: ONE }),
  blob('GetBlobMetadata', GET, 'metadata', READ, { parameters: ONE }),
  blob('GetBlobTags', ['GET'], 'tags', `${BLOBS}/tags/read`, {
    parameters: ONE,
    answer: 'listing',
  }),
  blob('SetBlobTags', ['PUT'], 'tags', `${BLOBS}/tags/write`, { parameters: ['versionid'] }),
  blob('GetBlockList', ['GET'], 'blocklist', READ, {
    parameters: [...ONE, 'blocklisttype'],
    answer: 'listing',
  }),
  blob('GetPageRanges', ['GET'], 'pagelist', READ, {
    parameters: ['snapshot', 'prevsnapshot', 'marker', 'maxresults'],
    answer: 'listing',
  }),
  blob('QueryBlobContents', ['POST'], 'query', READ, { parameters: ONE, answer: 'search' }),
  blob('PutBlob', ['PUT'], undefined, WRITE, {
    needs: ['x-ms-blob-type'],
    lacks: ['x-ms-copy-source'],
    headers: ['x-ms-blob-type', ...PUT_HEADERS],
  }),
  blob('PutBlobFromUrl', ['PUT'], undefined, WRITE, {
    needs: ['x-ms-blob-type', 'x-ms-copy-source'],
    headers: ['x-ms-blob-type', ...COPY_SOURCE],
  }),
  blob('CopyBlob', ['PUT'], undefined, WRITE, {
    needs: ['x-ms-copy-source'],
    lacks: ['x-ms-blob-type'],
    headers: COPY_SOURCE,
  }),
  blob('AbortCopyBlob', ['PUT'], 'copy', WRITE, {
    parameters: ['copyid'],
    needs: ['copyid', 'x-ms-copy-action'],
    headers: ['x-ms-copy-action'],
  }),
  blob('PutBlock', ['PUT'], 'block', WRITE, {
    parameters: ['blockid'],
    lacks: ['x-ms-copy-source'],
  }),
  blob('PutBlockFromUrl', ['PUT'], 'block', WRITE, {
    parameters: ['blockid'],
    needs: ['x-ms-copy-source'],
    headers: SOURCE_PIECE,
  }),
  blob('PutBlockList', ['PUT'], 'blocklist', WRITE, { headers: PUT_HEADERS }),
  blob('PutPage', ['PUT'], 'page', WRITE, {
    needs: ['x-ms-page-write'],
    lacks: ['x-ms-copy-source'],
  }),
  blob('PutPageFromUrl', ['PUT'], 'page', WRITE, {
    needs: ['x-ms-page-write', 'x-ms-copy-source'],
    headers: SOURCE_PIECE,
  }),
  blob('AppendBlock', ['PUT'], 'appendblock', `${BLOBS}/add/action`, {
    lacks: ['x-ms-copy-source'],
  }),
  blob('AppendBlockFromUrl', ['PUT'], 'appendblock', `${BLOBS}/add/action`, {
    needs: ['x-ms-copy-source'],
    headers: SOURCE_PIECE,
  }),
  blob('IncrementalCopyBlob', ['PUT'], 'incrementalcopy', WRITE, {
    needs: ['x-ms-copy-source'],
    headers: SOURCE,
  }),
  blob('SetBlobMetadata', ['PUT'], 'metadata', WRITE),
  blob('SetBlobProperties', ['PUT'], 'properties', WRITE),
  blob('SetBlobTier', ['PUT'], 'tier', WRITE, { parameters: ONE }),
  blob('SetBlobExpiry', ['PUT'], 'expiry', WRITE),
  blob('SealBlob', ['PUT'], 'seal', WRITE),
  blob('LeaseBlob', ['PUT'], 'lease', WRITE, {
    needs: ['x-ms-lease-action'],
    headers: ['x-ms-lease-action'],
  }),
  blob('SnapshotBlob', ['PUT'], 'snapshot', WRITE),
  blob('UndeleteBlob', ['PUT'], 'undelete', WRITE),
  blob('SetImmutabilityPolicy', ['PUT', 'DELETE'], 'immutabilityPolicies', SUPER, {
    parameters: ONE,
    headers: ['x-ms-immutability-policy-until-date', 'x-ms-immutability-policy-mode'],
  }),
  blob('SetLegalHold', ['PUT'], 'legalhold', SUPER, {
    parameters: ONE,
    headers: ['x-ms-legal-hold'],
  }),
  blob('DeleteBlob', ['DELETE'], undefined, `${BLOBS}/delete`, {
    parameters: ['snapshot'],
    lacks: ['versionid', 'deletetype'],
    headers: ['x-ms-delete-snapshots'],
  }),
  blob('DeleteBlobVersion', ['DELETE'], undefined, `${BLOBS}/deleteBlobVersion/action`, {
    parameters: ['versionid'],
    needs: ['versionid'],
    lacks: ['deletetype'],
  }),
  blob('DeleteBlobForever', ['DELETE'], undefined, `${BLOBS}/permanentDelete/action`, {
    parameters: [...ONE, 'deletetype'],
    needs: ['deletetype'],
  }),
]

export const BLOB_ROWS: readonly BlobRow[] = [...ACCOUNT, ...CONTAINER, ...BLOB]
