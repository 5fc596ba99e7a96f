import { spawn } from 'node:child_process'
import { after } from 'node:test'
import { findKubectl } from '../support/kubectl.ts'
import { inTerminal } from './in-terminal.ts'
import { STREAM_POLICY, streamCases } from './stream-cases.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/** The real kubectl through the gateway to the emulator. */

const found = findKubectl()
const kubectl = 'path' in found ? found.path : ''
let world: World | undefined
after(() => world?.stop())

streamCases(
  async () => {
    const { bench, token } = (world = await startWorld(STREAM_POLICY))
    const server = `https://127.0.0.1:${bench.port}/k8s-prod`
    const to = ['--server', server, '--certificate-authority', bench.authorityFile]
    const all = (words: readonly string[]) => [...to, '--token', token, '-n', 'prod', ...words]
    const options = { env: { PATH: process.env['PATH'], HOME: bench.folder } }
    return {
      bench,
      start: (...words) => spawn(kubectl, all(words), options),
      startInTerminal: (...words) => inTerminal([kubectl, ...all(words)], options),
    }
  },
  'missing' in found && found.missing,
)
