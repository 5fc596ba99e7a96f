import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { loadConfig } from '../../config/load.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { pageOf, read } from '../common/answer.ts'
import type { Context } from '../common/context.ts'
import { contextOf } from '../common/context.ts'
import { doorOf } from '../common/door.ts'
import type { Io } from '../common/io.ts'
import type { NamedType } from '../signing-in/azure-cloud.ts'
import { azureCloud, cloudCommands } from '../signing-in/azure-cloud.ts'

interface CloudOptions {
  readonly resource: readonly string[]
  readonly door: string
  readonly config?: string
  readonly name: string
  readonly out: string
}

const resourceSchema = z.object({ name: z.string(), type: z.string() })

/** `azure cloud-config`: the file that makes the gateway a cloud of the Azure CLI. */
export function azureCommands(program: Command, io: Io): void {
  program
    .command('azure')
    .description("for the Azure CLI and Azure's SDKs")
    .command('cloud-config')
    .description('write the cloud file for `az cloud register`, and print the commands')
    .requiredOption('--resource <names...>', 'resources of the gateway: NAME, or NAME=TYPE')
    .requiredOption('--door <url>', "address of the gateway's HTTP door: https://gw.example:7443")
    .option('--config <file>', "take the resources' types from the gateway's own configuration")
    .option('--name <name>', 'what the cloud is called', 'chaperone')
    .option('--out <file>', 'where to write it', 'chaperone-cloud.json')
    .addHelpText(
      'after',
      '\nWithout --config and without =TYPE, the types are asked of the API as the person who signed in.' +
        '\nExample: chaperone azure cloud-config --resource arm=azure-arm graph=microsoft-graph --door https://gw.example:7443',
    )
    .action(async (options: CloudOptions, command: Command) => {
      const context = contextOf(command, io)
      const resources = await typesOf(options, context, io)
      const door = doorOf(options.door)
      const cloud = azureCloud({ api: context.api().address, door }, resources)
      writeFileSync(options.out, `${JSON.stringify(cloud, null, 2)}\n`)
      const ca = command.optsWithGlobals<{ ca?: string }>().ca ?? io.environment['CHAPERONE_CA']
      const commands = cloudCommands(options.name, options.out, ca)
      context.show(
        { file: options.out, cloud, commands },
        () => `Wrote ${options.out}.\n\n${commands}`,
      )
    })
}

async function typesOf(
  { resource, config }: CloudOptions,
  context: Context,
  io: Io,
): Promise<readonly NamedType[]> {
  const asked = resource.map((text) => {
    const [name = '', type] = text.split('=')
    return { name, type }
  })
  if (asked.every(({ type }) => type !== undefined)) return asked as readonly NamedType[]
  const known =
    config === undefined
      ? read(pageOf(resourceSchema), await context.call('GET', '/v1/resources')).items
      : loadConfig(config, io.environment).resources
  return asked.map(({ name, type }) => {
    const found = type ?? known.find((one) => one.name === name)?.type
    if (found !== undefined) return { name, type: found }
    throw new ChaperoneError('RESOURCE_UNKNOWN', `There is no resource ${name}.`, {
      hint: 'Name resources of the gateway: `chaperone resources list`.',
    })
  })
}
