import type { Problem } from '../document/problems.ts'
import { isLoopback } from '../document/units.ts'
import type { YamlDocument } from '../document/yaml.ts'
import type { Config, ResourceConfig } from './schema.ts'

type Path = readonly PropertyKey[]

/** What no single field can know: duplicates, and settings that contradict each other. */
export function crossCheck(config: Config, yaml: YamlDocument): Problem[] {
  const problems: Problem[] = []
  const report = (path: Path, message: string, hint?: string): void => {
    problems.push({
      message,
      ...(hint === undefined ? {} : { hint }),
      place: yaml.valuePlace(path),
    })
  }
  checkListen(config, report)
  checkProviders(config, report)
  checkDuplicates(config, report)
  config.resources.forEach((resource, index) => checkResource(resource, index, report))
  return problems
}

type Report = (path: Path, message: string, hint?: string) => void

function checkListen({ listen, resources }: Config, report: Report): void {
  const usesHttp = resources.some(({ type }) => type !== 'postgres')
  if (listen.api.tls === 'off' && !isLoopback(listen.api.address.host)) {
    report(
      ['listen', 'api', 'tls'],
      '`off` is allowed only on a loopback address',
      'listen on 127.0.0.1, or give a certificate',
    )
  }
  const seen = new Map<string, string>()
  for (const door of ['postgres', 'http', 'api', 'metrics'] as const) {
    if (door === 'http' && !usesHttp) continue
    const address = listen[door]?.address
    if (address === undefined || address.port === 0) continue
    const written = `${address.host}:${address.port}`
    const other = seen.get(written)
    if (other !== undefined) {
      report(['listen', door, 'address'], `the same address as \`listen.${other}\``)
    }
    seen.set(written, door)
  }
}

function checkProviders({ identity }: Config, report: Report): void {
  const seen = new Set<string>()
  identity.providers.forEach((provider, index) => {
    const id = provider.type === 'entra' ? provider.tenant : provider.issuer
    const field = provider.type === 'entra' ? 'tenant' : 'issuer'
    if (seen.has(id)) {
      report(['identity', 'providers', index, field], `another provider has the same ${field}`)
    }
    seen.add(id)
  })
}

function checkDuplicates({ resources }: Config, report: Report): void {
  const seen = new Set<string>()
  resources.forEach((resource, index) => {
    if (seen.has(resource.name)) {
      report(['resources', index, 'name'], `another resource is called \`${resource.name}\``)
    }
    seen.add(resource.name)
  })
  checkHosts(resources, report)
}

/** A host name chooses one thing only. */
function checkHosts(resources: Config['resources'], report: Report): void {
  const seen = new Set<string>()
  const check = (hosts: readonly string[] | undefined, path: Path): void => {
    hosts?.forEach((host, index) => {
      if (seen.has(host)) report([...path, 'hosts', index], 'another resource has the same host')
      seen.add(host)
    })
  }
  resources.forEach((resource, index) => {
    const path: Path = ['resources', index]
    if (resource.type === 'postgres') return
    if (resource.type !== 'azure-storage') return check(resource.hosts, path)
    for (const name of ['blob', 'queue', 'table'] as const) {
      check(resource.services[name].hosts, [...path, 'services', name])
    }
  })
}

function checkResource(resource: ResourceConfig, index: number, report: Report): void {
  const at = (...path: Path): Path => ['resources', index, ...path]
  const { tls, session } = resource
  if (resource.type === 'postgres') {
    const { database, databases } = resource
    if (database !== undefined && databases !== undefined && !databases.includes(database)) {
      report(at('database'), '`databases` does not allow this database')
    }
  }
  if (session.idle > session.max) {
    report(at('session', 'idle'), 'longer than `max`, so it can never be reached')
  }
  const unencrypted = tls.mode === 'disable' || tls.mode === 'prefer'
  if (unencrypted && !hostsOf(resource).every(isLoopback)) {
    report(
      at('tls', 'mode'),
      `\`${tls.mode}\` is allowed only for a target on this machine`,
      'use verify-full, or require where the target has a certificate that nobody can verify',
    )
  }
  if ((tls.mode === 'require' || unencrypted) && tls.ca !== undefined) {
    report(at('tls', 'ca'), `\`${tls.mode}\` verifies no certificate, so \`ca\` is never used`)
  }
}

/** Where the resource is dialled. */
function hostsOf(resource: ResourceConfig): string[] {
  if (resource.type !== 'azure-storage') return [resource.address.host]
  return Object.values(resource.services).map(({ address }) => address.host)
}
