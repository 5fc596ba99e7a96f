import { openHttpBench } from '../support/http-bench.ts'

/** The HTTP door as a process that can be killed: FOLDER, the target's port, and whom to trust for it. */
const [folder = '', port = '', caFile = ''] = process.argv.slice(2)
const bench = await openHttpBench({ folder, target: { port: Number(port), caFile } })
process.stdout.write(`${JSON.stringify({ port: bench.port, caFile: bench.caFile })}\n`)
