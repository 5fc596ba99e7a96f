import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CredentialSource } from '../../src/upstream/credential-source.ts'

/** One kind of source, with the means to set what it should find. */
export interface SourceBench {
  readonly source: CredentialSource
  /** Makes `secret` what the source finds from now on; undefined takes it away. */
  set(secret: string | undefined): Promise<void> | void
  clean(): Promise<void> | void
}

/** What every credential source must do. */
export function testCredentialSource(name: string, open: () => Promise<SourceBench>): void {
  const given = (title: string, work: (bench: SourceBench) => Promise<void>) =>
    void test(`${name}: ${title}`, async (context) => {
      const bench = await open()
      context.after(() => bench.clean())
      await work(bench)
    })

  given('gives the secret as it is now', async (bench) => {
    const { source } = bench
    await bench.set(' pass word\u00e9 ')
    assert.equal(await source.fetch(), ' pass word\u00e9 ')
    assert.deepEqual(await Promise.all([source.fetch(), source.fetch()]), [
      ' pass word\u00e9 ',
      ' pass word\u00e9 ',
    ])
  })

  given('fails with TARGET_CREDENTIAL when there is none, and recovers', async (bench) => {
    for (const nothing of [undefined, '']) {
      await bench.set(nothing)
      await assert.rejects(bench.source.fetch(), { code: 'TARGET_CREDENTIAL' })
    }
    await bench.set('back')
    assert.equal(await bench.source.fetch(), 'back')
  })

  given('never shows a secret in an error', async (bench) => {
    const { source } = bench
    await bench.set('hid\0den')
    await assert.rejects(source.fetch(), (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, 'TARGET_CREDENTIAL')
      return !`${error.message}${error.hint}`.includes('hid')
    })
  })
}
