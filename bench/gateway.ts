import { loadConfig } from '../src/config/load.ts'
import { systemClock } from '../src/core/clock.ts'
import { startGateway } from '../src/main/gateway.ts'
import { createLog } from '../src/telemetry/log.ts'

/**
 * The gateway as a process of its own, so that what it costs can be told from what the bench costs.
 * Says its ports as one line of JSON, then runs until SIGTERM.
 */
const config = loadConfig(process.argv[2]!)
const log = createLog({
  ...config.log,
  colour: false,
  write: (line) => process.stderr.write(line),
  clock: systemClock,
})
const gateway = await startGateway(config, { clock: systemClock, log })
process.once('SIGTERM', () => {
  void gateway.close().then(() => process.exit(0))
})
process.stdout.write(`${JSON.stringify(gateway)}\n`)
