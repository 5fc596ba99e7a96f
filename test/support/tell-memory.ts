/*
 * Loaded into a gateway's process by `--import`, with `--expose-gc`: at SIGUSR2 it says how much
 * memory is in use once the garbage is collected. What the system counts for a process says little
 * about leaks, since neither V8 nor malloc gives back at once what they no longer need.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.stderr.write(`${JSON.stringify({ event: 'test.memory', bytes: heapUsed + external })}\n`)
})
