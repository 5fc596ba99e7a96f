/*
 * Loaded into a gateway's process by `--import`, with `--expose-gc`: at SIGUSR2 it says how much
 * memory is in use once the garbage is collected. What the system counts for a process says little
 * about leaks, since neither V8 nor malloc gives back at once what they no longer need. And it says how
 * much of the processor was used since the last time, without that collection.
 */
let before = process.cpuUsage()
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage(before)
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const told = { event: 'test.memory', bytes: heapUsed + external, cpu_us: user + system }
  process.stderr.write(`${JSON.stringify(told)}\n`)
  before = process.cpuUsage()
})
