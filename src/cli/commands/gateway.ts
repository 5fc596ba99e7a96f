import type { Command } from 'commander'
import { loadConfig } from '../../config/load.ts'
import { contextOf } from '../common/context.ts'
import type { Io } from '../common/io.ts'
import { counted } from '../common/text.ts'

interface Gateway {
  serve(configFile: string): Promise<void>
}

/** `serve` and `config check`: what is done where the gateway runs. */
export function gatewayCommands(program: Command, io: Io): void {
  program
    .command('serve')
    .description('run the gateway')
    .requiredOption('--config <file>', 'the configuration file')
    .action(async (options: { config: string }) => {
      // Everything that a gateway needs is loaded only where one is to run.
      const gateway = (await import(
        new URL('../../main/gateway.ts', import.meta.url).href
      )) as Gateway
      await gateway.serve(options.config)
    })

  const config = program.command('config').description('the configuration file')
  config
    .command('check <file>')
    .description('say everything that is wrong with a configuration file')
    .action((file: string, _options, command: Command) => {
      const { resources, identity } = loadConfig(file, io.environment)
      const counts = { resources: resources.length, providers: identity.providers.length }
      contextOf(command, io).show(
        { valid: true, ...counts },
        () =>
          `${file} is valid: ${counted(counts.resources, 'resource', 'resources')}, ` +
          `${counted(counts.providers, 'identity provider', 'identity providers')}\n`,
      )
    })
}
