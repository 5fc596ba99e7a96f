import { Command } from 'commander'
import { agentCommands } from './commands/agents.ts'
import { approvalCommands } from './commands/approvals.ts'
import { azureCommands } from './commands/azure.ts'
import { gatewayCommands } from './commands/gateway.ts'
import { kubernetesCommands } from './commands/kubernetes.ts'
import { personCommands } from './commands/person.ts'
import { policyCommands } from './commands/policy.ts'
import { resourceCommands } from './commands/resources.ts'
import { sessionCommands } from './commands/sessions.ts'
import { tokenCommand } from './commands/token.ts'
import type { ExitCode } from './common/failure.ts'
import { EXIT, report } from './common/failure.ts'
import type { Io } from './common/io.ts'

const HELP = `
Exit codes: 0 done, 1 refused or a negative result, 2 wrong usage or configuration,
3 the gateway or the identity provider cannot be reached.`

/** Runs one command line (without the program's own name). Never rejects. */
export async function run(words: readonly string[], io: Io): Promise<ExitCode> {
  const program = createProgram(io)
  try {
    await program.parseAsync([...words], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return report(error, io, program.opts<{ json?: boolean }>().json === true)
  }
}

export function createProgram(io: Io): Command {
  const program = new Command('chaperone')
    .description('An access gateway between autonomous agents and the resources they work on')
    .option('--api <url>', 'address of the gateway API (CHAPERONE_API)')
    .option('--ca <file>', 'PEM of the authorities to trust instead (CHAPERONE_CA)')
    .option('--json', 'JSON, for programs')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
    })
    .showSuggestionAfterError()
  gatewayCommands(program, io)
  tokenCommand(program, io)
  personCommands(program, io)
  agentCommands(program, io)
  sessionCommands(program, io)
  approvalCommands(program, io)
  resourceCommands(program, io)
  policyCommands(program, io)
  azureCommands(program, io)
  kubernetesCommands(program, io)
  return program
}
