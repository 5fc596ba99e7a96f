import type { Command } from 'commander'
import { contextOf } from '../common/context.ts'
import type { Io } from '../common/io.ts'
import type { Wanted } from '../signing-in/token-exchange.ts'
import { exchangeToken } from '../signing-in/token-exchange.ts'

/** `token`: an agent's own token in, a ticket or gateway token out, and nothing else on stdout. */
export function tokenCommand(program: Command, io: Io): void {
  program
    .command('token')
    .description("exchange an agent's token for a session ticket, and print only that")
    .option('--token-file <file>', 'where the token is; - reads standard input')
    .option('--resource <name>', 'make it good for this resource alone')
    .option('--type <type>', 'ticket (short, for passwords) or token (a JWT)', 'ticket')
    .addHelpText(
      'after',
      '\nWithout --token-file the token comes from CHAPERONE_AGENT_TOKEN.' +
        '\nExample: PGPASSWORD=$(chaperone token --token-file token.jwt) psql …',
    )
    .action(async (options: Wanted, command: Command) => {
      const context = contextOf(command, io)
      const answer = await exchangeToken(options, context)
      context.show(answer, () => `${answer.access_token}\n`)
    })
}
