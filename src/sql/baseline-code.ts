import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 run WebAssembly as it first compiles it. Its optimiser takes over 600 MiB and a second of
 * two cores for one function of PostgreSQL's grammar, some time after the first statements, and
 * makes a parse of 20 µs one of 10 µs. A gateway whose memory rises like that for a moment is ended
 * by whoever watches its container. Of the whole process; what is compiled before keeps its ways.
 */
export function keepBaselineCode(): void {
  setFlagsFromString('--no-wasm-dynamic-tiering')
  setFlagsFromString('--no-wasm-tier-up')
}
