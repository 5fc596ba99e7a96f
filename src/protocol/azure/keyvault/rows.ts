/** One operation of a vault's data plane (REST API 7.x), and how a request for it looks. */
export interface VaultRow {
  readonly kind: string
  readonly methods: readonly string[]
  /** `{name}` and `{version}` stand for one segment each; a version may be left empty. */
  readonly path: string
  /** Below `Microsoft.KeyVault/vaults/`. */
  readonly action: string
  readonly parameters?: readonly string[]
  /** True where names of things come from a body that is encrypted: all of the collection is touched. */
  readonly everything?: boolean
}

const PAGE = ['maxresults', '$skiptoken', 'includepending']

function row(
  kind: string,
  method: string,
  path: string,
  action: string,
  more: Partial<VaultRow> = {},
): VaultRow {
  return { kind, methods: [method], path, action, ...more }
}

const SECRETS: readonly VaultRow[] = [
  row('GetSecrets', 'GET', 'secrets', 'secrets/readMetadata/action', { parameters: PAGE }),
  row('RestoreSecret', 'POST', 'secrets/restore', 'secrets/restore/action', { everything: true }),
  row('SetSecret', 'PUT', 'secrets/{name}', 'secrets/setSecret/action'),
  row('GetSecret', 'GET', 'secrets/{name}', 'secrets/getSecret/action'),
  row('DeleteSecret', 'DELETE', 'secrets/{name}', 'secrets/delete'),
  row('BackupSecret', 'POST', 'secrets/{name}/backup', 'secrets/backup/action'),
  row('GetSecretVersions', 'GET', 'secrets/{name}/versions', 'secrets/readMetadata/action', {
    parameters: PAGE,
  }),
  row('GetSecret', 'GET', 'secrets/{name}/{version}', 'secrets/getSecret/action'),
  row('UpdateSecret', 'PATCH', 'secrets/{name}/{version}', 'secrets/update/action'),
  row('UpdateSecret', 'PATCH', 'secrets/{name}', 'secrets/update/action'),
  ...deleted('Secret', 'secrets', 'secrets/readMetadata/action'),
]

const KEYS: readonly VaultRow[] = [
  row('GetKeys', 'GET', 'keys', 'keys/read', { parameters: PAGE }),
  row('RestoreKey', 'POST', 'keys/restore', 'keys/restore/action', { everything: true }),
  row('ImportKey', 'PUT', 'keys/{name}', 'keys/import/action'),
  row('GetKey', 'GET', 'keys/{name}', 'keys/read'),
  row('DeleteKey', 'DELETE', 'keys/{name}', 'keys/delete'),
  row('CreateKey', 'POST', 'keys/{name}/create', 'keys/create/action'),
  row('BackupKey', 'POST', 'keys/{name}/backup', 'keys/backup/action'),
  row('RotateKey', 'POST', 'keys/{name}/rotate', 'keys/rotate/action'),
  row('GetKeyVersions', 'GET', 'keys/{name}/versions', 'keys/read', { parameters: PAGE }),
  row('GetKeyRotationPolicy', 'GET', 'keys/{name}/rotationpolicy', 'keyrotationpolicies/read'),
  row('SetKeyRotationPolicy', 'PUT', 'keys/{name}/rotationpolicy', 'keyrotationpolicies/write'),
  ...use('Encrypt', 'encrypt', 'encrypt'),
  ...use('Decrypt', 'decrypt', 'decrypt'),
  ...use('Sign', 'sign', 'sign'),
  ...use('Verify', 'verify', 'verify'),
  ...use('WrapKey', 'wrapkey', 'wrap'),
  ...use('UnwrapKey', 'unwrapkey', 'unwrap'),
  ...use('ReleaseKey', 'release', 'release'),
  row('GetKey', 'GET', 'keys/{name}/{version}', 'keys/read'),
  row('UpdateKey', 'PATCH', 'keys/{name}/{version}', 'keys/update/action'),
  row('UpdateKey', 'PATCH', 'keys/{name}', 'keys/update/action'),
  ...deleted('Key', 'keys', 'keys/read'),
]

const CERTIFICATES: readonly VaultRow[] = [
  row('GetCertificates', 'GET', 'certificates', 'certificates/read', { parameters: PAGE }),
  row('RestoreCertificate', 'POST', 'certificates/restore', 'certificates/restore/action', {
    everything: true,
  }),
  row('GetContacts', 'GET', 'certificates/contacts', 'certificates/read'),
  row('SetContacts', 'PUT', 'certificates/contacts', 'certificatecontacts/write'),
  row('DeleteContacts', 'DELETE', 'certificates/contacts', 'certificatecontacts/write'),
  row('GetIssuers', 'GET', 'certificates/issuers', 'certificatecas/read', { parameters: PAGE }),
  row('GetIssuer', 'GET', 'certificates/issuers/{name}', 'certificatecas/read'),
  row('SetIssuer', 'PUT', 'certificates/issuers/{name}', 'certificatecas/write'),
  row('UpdateIssuer', 'PATCH', 'certificates/issuers/{name}', 'certificatecas/write'),
  row('DeleteIssuer', 'DELETE', 'certificates/issuers/{name}', 'certificatecas/delete'),
  row('GetCertificate', 'GET', 'certificates/{name}', 'certificates/read'),
  row('DeleteCertificate', 'DELETE', 'certificates/{name}', 'certificates/delete'),
  row('CreateCertificate', 'POST', 'certificates/{name}/create', 'certificates/create/action'),
  row('ImportCertificate', 'POST', 'certificates/{name}/import', 'certificates/import/action'),
  row('BackupCertificate', 'POST', 'certificates/{name}/backup', 'certificates/backup/action'),
  row('GetCertificateVersions', 'GET', 'certificates/{name}/versions', 'certificates/read', {
    parameters: PAGE,
  }),
  row('GetCertificatePolicy', 'GET', 'certificates/{name}/policy', 'certificates/read'),
  row(
    'UpdateCertificatePolicy',
    'PATCH',
    'certificates/{name}/policy',
    'certificates/update/action',
  ),
  row('GetCertificateOperation', 'GET', 'certificates/{name}/pending', 'certificates/read'),
  row(
    'UpdateCertificateOperation',
    'PATCH',
    'certificates/{name}/pending',
    'certificates/update/action',
  ),
  row('DeleteCertificateOperation', 'DELETE', 'certificates/{name}/pending', 'certificates/delete'),
  row('MergeCertificate', 'POST', 'certificates/{name}/pending/merge', 'certificates/merge/action'),
  row('GetCertificate', 'GET', 'certificates/{name}/{version}', 'certificates/read'),
  row('UpdateCertificate', 'PATCH', 'certificates/{name}/{version}', 'certificates/update/action'),
  row('UpdateCertificate', 'PATCH', 'certificates/{name}', 'certificates/update/action'),
  ...deleted('Certificate', 'certificates', 'certificates/read'),
]

/** What is deleted softly can be looked at, recovered, or purged for good. */
function deleted(thing: string, collection: string, read: string): VaultRow[] {
  const path = `deleted${collection}`
  const one = `${path}/{name}`
  return [
    row(`GetDeleted${thing}s`, 'GET', path, read, { parameters: PAGE }),
    row(`GetDeleted${thing}`, 'GET', one, read),
    row(`PurgeDeleted${thing}`, 'DELETE', one, `${collection}/purge/action`),
    row(`RecoverDeleted${thing}`, 'POST', `${one}/recover`, `${collection}/recover/action`),
  ]
}

/** A key's use, with or without its version. */
function use(kind: string, verb: string, action: string): VaultRow[] {
  const name = `keys/${action}/action`
  return [
    row(kind, 'POST', `keys/{name}/{version}/${verb}`, name),
    row(kind, 'POST', `keys/{name}/${verb}`, name),
  ]
}

export const VAULT_ROWS: readonly VaultRow[] = [...SECRETS, ...KEYS, ...CERTIFICATES]
