import type { Command } from 'commander'
import { z } from 'zod'
import { labelText, pageOf, read } from '../common/answer.ts'
import { contextOf } from '../common/context.ts'
import type { Io } from '../common/io.ts'

const resourceSchema = z.object({
  name: z.string(),
  type: z.string(),
  labels: z.record(z.string(), z.string()),
})

/** `resources list`: what is behind the gateway. */
export function resourceCommands(program: Command, io: Io): void {
  program
    .command('resources')
    .description('what is behind the gateway')
    .command('list')
    .description('list resources')
    .action(async (_options, command: Command) => {
      const context = contextOf(command, io)
      const answer = await context.call('GET', '/v1/resources')
      context.show(answer, () => {
        const { items } = read(pageOf(resourceSchema), answer)
        const rows = items.map((one) => [one.name, one.type, labelText(one.labels)])
        return context.table(['NAME', 'TYPE', 'LABELS'], rows)
      })
    })
}
