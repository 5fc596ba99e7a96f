import { setFlagsFromString } from 'node:v8'

/**
 * Whatever WebAssembly runs for the first time in `work` stays as V8 first compiles it. V8 compiles
 * a function when it is first called, and only then decides whether it is to count its calls, so as
 * to optimise it once it is hot: with the flags as they are at that moment. They are of the whole
 * process, so `work` is to be short.
 */
export function withBaselineCode(work: () => void): void {
  // Code that V8 forgets when memory is short would be compiled anew, with the flags of that time.
  setFlagsFromString('--no-flush-liftoff-code')
  setFlagsFromString('--no-wasm-dynamic-tiering')
  setFlagsFromString('--no-wasm-tier-up')
  try {
    work()
  } finally {
    setFlagsFromString('--wasm-tier-up')
    setFlagsFromString('--wasm-dynamic-tiering')
  }
}
