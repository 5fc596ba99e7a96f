import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram, Registry } from 'prom-client'
import { createHistogram } from './histogram.ts'

const BOUNDS = [0.001, 0.5, 2]

test('it reads as the client library of Prometheus would write it', async () => {
  const ours = createHistogram('taken', 'What it took.', BOUNDS)
  const registry = new Registry()
  const theirs = new Histogram({
    name: 'taken',
    help: 'What it took.',
    buckets: [...BOUNDS],
    labelNames: ['where', 'how'],
    registers: [registry],
  })
  for (const labels of [
    { where: 'a', how: 'b' },
    { where: 'quote " slash \\ line \n', how: '' },
  ]) {
    for (const value of [0, 0.001, 0.002, 0.5, 1, 2, 3, 1000]) {
      ours.series(labels).observe(value)
      theirs.labels(labels).observe(value)
    }
  }
  const lines = (text: string) => text.trim().split('\n')
  // The library puts the bound first among the labels; their order means nothing.
  const sorted = (text: string) =>
    lines(text).map((line) => line.replace(/\{le="([^"]+)",(.*)\} (\d+)$/, '{$2,le="$1"} $3'))
  assert.deepEqual(lines(ours.text()), sorted(await registry.metrics()))
})

test('one without labels has a line for each bucket, also while nothing was observed', () => {
  const histogram = createHistogram('taken', 'What it took.', [1])
  histogram.series({})
  assert.deepEqual(histogram.text().split('\n').slice(2), [
    'taken_bucket{le="1"} 0',
    'taken_bucket{le="+Inf"} 0',
    'taken_sum 0',
    'taken_count 0',
    '',
  ])
})
