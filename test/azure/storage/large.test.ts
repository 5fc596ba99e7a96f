import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import type { BlockBlobClient } from '@azure/storage-blob'
import { BlobServiceClient } from '@azure/storage-blob'
import { ACCOUNT } from './azurite.ts'
import type { StorageBench } from './storage-bench.ts'
import { ALLOW_ALL, startStorageBench } from './storage-bench.ts'

/** Both in one block. The long form is STORAGE_BLOB_MIB=1024. */
const LONG_MIB = Number(process.env['STORAGE_BLOB_MIB'] ?? 0)

/**
 * What the gateway may grow by, whatever the size: buffers of sockets; and with a mask the heap of at
 * most 128 MiB, which garbage of the detectors fills.
 */
const CASES = [
  { container: 'plain', size_mib: LONG_MIB || 96, growthMax_mib: 64 },
  { container: 'masked', size_mib: LONG_MIB || 32, growthMax_mib: 192 },
]

const MIB = 1_048_576

const MASKED = `
  - id: masked
    allow: { actions: ['Microsoft.Storage/*'], objects: ['${ACCOUNT}/masked/**'] }
    mask: [{ detect: [payment-card, email], with: redact }]
`

const LINE = Buffer.from(
  '2026-11-24T12:00:00Z INFO order 4711 went out to number 12\n'.repeat(1_000),
)

function* lines(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= LINE.length) yield LINE.subarray(0, left)
}

function digest(chunks: Iterable<Buffer>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** The most memory that the process ever had, in bytes. */
function peak(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024
}

describe('large blobs', { skip: existsSync('/proc/self/status') ? false : 'needs /proc' }, () => {
  let bench: StorageBench
  let service: BlobServiceClient

  before(async () => {
    bench = await startStorageBench({ rules: ALLOW_ALL + MASKED, onDisk: true, asProcess: true })
    service = new BlobServiceClient(bench.endpoint('blob'), bench.credential, bench.clientOptions)
    for (const name of ['plain', 'masked']) await service.getContainerClient(name).create()
  })
  after(() => bench.stop())

  async function upload(blob: BlockBlobClient, size: number): Promise<void> {
    await blob.stageBlock('QUFB', () => Readable.from(lines(size)), size)
    await blob.commitBlockList(['QUFB'], { blobHTTPHeaders: { blobContentType: 'text/plain' } })
  }

  async function download(blob: BlockBlobClient): Promise<string> {
    const { readableStreamBody } = await blob.download()
    const hash = createHash('sha256')
    for await (const chunk of readableStreamBody!) hash.update(chunk as Buffer)
    return hash.digest('hex')
  }

  for (const { container, size_mib, growthMax_mib } of CASES) {
    test(`one block up and down in flat memory: ${container}`, async () => {
      const blob = service.getContainerClient(container).getBlockBlobClient('large.log')
      await upload(blob, 8 * MIB)
      await download(blob)
      const before_bytes = peak(bench.pid!)
      await upload(blob, size_mib * MIB)
      assert.equal(await download(blob), digest(lines(size_mib * MIB)))
      const grown_mib = Math.round((peak(bench.pid!) - before_bytes) / MIB)
      assert.ok(grown_mib < growthMax_mib, `grew by ${grown_mib} MiB`)
    })
  }
})
