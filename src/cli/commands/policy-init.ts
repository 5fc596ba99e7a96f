import type { Command } from 'commander'
import { safe } from '../../core/safe-text.ts'
import { contextOf } from '../common/context.ts'
import type { Io } from '../common/io.ts'
import { copyFromLibrary, listLibrary } from '../common/policy-library.ts'

/** `policy init`: policies to start from. */
export function initCommand(policy: Command, io: Io): void {
  policy
    .command('init [name]')
    .description('copy a policy to start from; without a name, list them')
    .option('--folder <folder>', 'where to', 'policies')
    .addHelpText('after', '\nNothing is ever overwritten. Its cases come along, into FOLDER/cases.')
    .action(async (name: string | undefined, options: { folder: string }, command: Command) => {
      const context = contextOf(command, io)
      if (name === undefined) {
        const items = await listLibrary()
        context.show({ items }, () =>
          context.table(
            ['POLICY', ''],
            items.map((one) => [one.name, one.description]),
          ),
        )
        return
      }
      const files = await copyFromLibrary(name, options.folder)
      context.show({ files }, () =>
        safeText([
          ...files.map((file) => `Wrote ${file}`),
          `It is in force as soon as a gateway reads ${options.folder}. First edit what its comment says, then:`,
          `  chaperone policy check ${options.folder}`,
          `  chaperone policy test ${options.folder} ${options.folder}/cases/${name}.yaml`,
        ]),
      )
    })
}

function safeText(lines: readonly string[]): string {
  return lines.map((line) => `${safe(line)}\n`).join('')
}
