import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { ChaperoneError } from '../../core/errors.ts'
import type { Context } from '../common/context.ts'
import { contextOf } from '../common/context.ts'
import { doorOf } from '../common/door.ts'
import type { Io } from '../common/io.ts'
import { exchangeToken } from '../signing-in/token-exchange.ts'

interface KubeconfigOptions {
  readonly resource: string
  readonly door: string
  readonly namespace?: string
  readonly tokenFile?: string
  readonly out?: string
}

interface CredentialOptions {
  readonly resource: string
  readonly tokenFile?: string
}

/** Of this installation: kubectl starts it whenever it needs a token. */
const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'bin', 'chaperone')

/** `kubeconfig` and the credential plugin that it names. */
export function kubernetesCommands(program: Command, io: Io): void {
  program
    .command('kubeconfig')
    .description('write a kubeconfig that goes through the gateway')
    .requiredOption('--resource <name>', 'the cluster, as the gateway calls it')
    .requiredOption('--door <url>', "address of the gateway's HTTP door: https://gw.example:7443")
    .option('--namespace <name>', 'where kubectl looks if it is not told')
    .option('--token-file <file>', "where the agent's own token will be")
    .option('--out <file>', 'where to write it; without it, to standard output')
    .addHelpText(
      'after',
      "\nkubectl then asks `chaperone kube-credential` for a token; the agent's own token comes from" +
        '\n--token-file or CHAPERONE_AGENT_TOKEN at that time.' +
        '\nExample: chaperone kubeconfig --resource k8s-prod --door https://gw.example:7443 --out kubeconfig',
    )
    .action((options: KubeconfigOptions, command: Command) => {
      const context = contextOf(command, io)
      const caFile = command.optsWithGlobals<{ ca?: string }>().ca ?? io.environment['CHAPERONE_CA']
      const config = kubeconfig(options, context, caFile === '' ? undefined : caFile)
      if (options.out === undefined) {
        context.show(config, () => stringify(config))
        return
      }
      writeFileSync(options.out, stringify(config), { mode: 0o600 })
      context.show(
        config,
        () => `Wrote ${options.out}. Try: kubectl --kubeconfig ${options.out} get pods\n`,
      )
    })

  program
    .command('kube-credential')
    .description('for kubectl: print a token for a cluster as an ExecCredential')
    .requiredOption('--resource <name>', 'the cluster, as the gateway calls it')
    .option('--token-file <file>', "where the agent's own token is")
    .action(async (options: CredentialOptions, command: Command) => {
      const context = contextOf(command, io)
      const answer = await exchangeToken({ ...options, type: 'token' }, context)
      const expires_ms = io.clock.now_ms() + answer.expires_in * 1000
      const credential = {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: {
          token: answer.access_token,
          expirationTimestamp: new Date(expires_ms).toISOString(),
        },
      }
      context.show(credential, () => `${JSON.stringify(credential)}\n`)
    })
}

function kubeconfig(options: KubeconfigOptions, context: Context, caFile: string | undefined) {
  const { resource, namespace, tokenFile } = options
  const trust = caFile === undefined ? undefined : resolve(caFile)
  const args = [
    '--api',
    context.api().address,
    ...(trust === undefined ? [] : ['--ca', trust]),
    'kube-credential',
    '--resource',
    resource,
    ...(tokenFile === undefined ? [] : ['--token-file', resolve(tokenFile)]),
  ]
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: resource,
        cluster: {
          server: `${doorOf(options.door)}/${resource}`,
          ...(trust === undefined ? {} : { 'certificate-authority-data': pemOf(trust) }),
        },
      },
    ],
    users: [
      {
        name: 'agent',
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: PROGRAM,
            args,
            interactiveMode: 'Never',
            installHint: 'Install chaperone where the kubeconfig says that it is.',
          },
        },
      },
    ],
    contexts: [
      {
        name: resource,
        context: {
          cluster: resource,
          user: 'agent',
          ...(namespace === undefined ? {} : { namespace }),
        },
      },
    ],
    'current-context': resource,
  }
}

function pemOf(file: string): string {
  try {
    return readFileSync(file).toString('base64')
  } catch (cause) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'The file of the authorities cannot be read.', {
      cause,
      place: { file },
    })
  }
}
