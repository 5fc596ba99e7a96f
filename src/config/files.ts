import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Problem } from '../document/problems.ts'
import type { YamlDocument } from '../document/yaml.ts'
import type { ListenTls } from './schema-listen.ts'
import type { Config } from './schema.ts'

type Path = readonly PropertyKey[]
type Report = (path: Path, message: string) => void

/** Looks at the files and variables that a configuration names. Their content is never repeated. */
export function checkFiles(
  config: Config,
  yaml: YamlDocument,
  environment: Readonly<Record<string, string | undefined>>,
): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, message) => {
    problems.push({ message, place: yaml.valuePlace(path) })
  }
  checkTls(config.listen.postgres.tls, ['listen', 'postgres', 'tls'], report)
  const httpTls = config.listen.http.tls
  if (httpTls !== config.listen.postgres.tls) checkTls(httpTls, ['listen', 'http', 'tls'], report)
  const apiTls = config.listen.api.tls
  if (apiTls !== 'off' && apiTls !== config.listen.postgres.tls) {
    checkTls(apiTls, ['listen', 'api', 'tls'], report)
  }
  config.resources.forEach(({ credential }, index) => {
    if (credential.from !== 'client-certificate') return
    checkTls(credential, ['resources', index, 'credential'], report)
  })
  for (const [path, file] of certificates(config)) checkCertificate(path, file, report)
  for (const [path, reference] of secrets(config)) checkSecret(path, reference, environment, report)
  config.agents.files.forEach((file, index) =>
    checkReadable(['agents', 'files', index], file, report),
  )
  if (!isFolder(config.policies.folder)) report(['policies', 'folder'], 'no such folder')
  return problems
}

interface ClientPair {
  readonly certificate: string
  readonly key: string
}

function checkTls(tls: ListenTls | ClientPair, path: Path, report: Report): void {
  if ('developmentAuthority' in tls && tls.developmentAuthority) return
  const certificate = checkCertificate([...path, 'certificate'], tls.certificate, report)
  const text = checkReadable([...path, 'key'], tls.key, report)
  if (text === undefined) return
  try {
    const key = createPrivateKey(text)
    if (certificate?.checkPrivateKey(key) === false) {
      report([...path, 'key'], 'is not the key of the certificate')
    }
  } catch {
    report([...path, 'key'], 'the file holds no private key that can be read (PEM, not encrypted)')
  }
}

function checkCertificate(path: Path, file: string, report: Report): X509Certificate | undefined {
  const text = checkReadable(path, file, report)
  if (text === undefined) return undefined
  try {
    return new X509Certificate(text)
  } catch {
    report(path, 'the file holds no certificate (PEM)')
    return undefined
  }
}

function checkReadable(path: Path, file: string, report: Report): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    report(path, `cannot be read: ${errorCode(error)}`)
    return undefined
  }
}

interface Reference {
  readonly from: string
  readonly variable?: string
  readonly path?: string
}

function checkSecret(
  path: Path,
  reference: Reference,
  environment: Readonly<Record<string, string | undefined>>,
  report: Report,
): void {
  if (reference.variable !== undefined && !environment[reference.variable]) {
    report([...path, 'variable'], 'the environment variable is not set, or empty')
  }
  if (reference.path === undefined) return
  const content = checkReadable([...path, 'path'], reference.path, report)
  if (content?.length === 0) report([...path, 'path'], 'the file is empty')
}

function* secrets(config: Config): Generator<readonly [Path, Reference]> {
  for (const [index, resource] of config.resources.entries()) {
    if (resource.credential.from === 'client-certificate') continue
    yield [['resources', index, 'credential'], resource.credential]
  }
  for (const [index, provider] of config.identity.providers.entries()) {
    if (provider.type === 'entra' && provider.graphCredential !== undefined) {
      yield [['identity', 'providers', index, 'graphCredential'], provider.graphCredential]
    }
  }
  if (config.mask.hashKey !== undefined) yield [['mask', 'hashKey'], config.mask.hashKey]
  for (const [index, webhook] of config.approvals.webhooks.entries()) {
    yield [['approvals', 'webhooks', index, 'secret'], webhook.secret]
  }
}

function* certificates(config: Config): Generator<readonly [Path, string]> {
  for (const [index, provider] of config.identity.providers.entries()) {
    if (provider.ca !== undefined) yield [['identity', 'providers', index, 'ca'], provider.ca]
  }
  for (const [index, resource] of config.resources.entries()) {
    if (resource.tls.ca !== undefined) yield [['resources', index, 'tls', 'ca'], resource.tls.ca]
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
