import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { findKubectl } from '../../test/support/kubectl.ts'
import { freePort, startServer } from '../child.ts'
import type { Nginx } from './nginx.ts'

/** `kubectl proxy` before the origin, which it verifies; it speaks plain HTTP to its clients. Undefined without kubectl. */
export async function startKubectlProxy(
  folder: string,
  tls: DevelopmentAuthority,
  origin: Nginx,
): Promise<Nginx | undefined> {
  const kubectl = findKubectl()
  if ('missing' in kubectl) return undefined
  const file = join(folder, 'kubeconfig')
  await writeFile(
    file,
    `apiVersion: v1
kind: Config
clusters: [{ name: origin, cluster: { server: 'https://localhost:${origin.port}', certificate-authority: ${tls.authorityFile} } }]
contexts: [{ name: origin, context: { cluster: origin, user: nobody } }]
current-context: origin
users: [{ name: nobody, user: { token: bench } }]
`,
  )
  const port = await freePort()
  const command = [kubectl.path, 'proxy', '--kubeconfig', file, `--port=${port}`, '--api-prefix=/']
  return { port, child: await startServer(command, port) }
}
