import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer } from '../../../../test/support/sql/fake-catalog.ts'
import { parse } from '../../../sql/postgres/classify.ts'
import { createTrees } from '../../../sql/postgres/parse/trees.ts'
import { Classifier, createCatalogViews } from './classifier.ts'

const NO_NAMES = { prepared: () => undefined, cursor: () => undefined }
const KEY = { server: 'db:5432', resource: 'r', database: 'sales', role: 'gateway' }
const LIMITS = { fresh_ms: 1000, statements: 100, statementLength: 10_000 }

function openViews() {
  let policyVersion = 'one'
  const views = createCatalogViews({ now_ms: () => 0, steady_ms: () => 0 }, LIMITS, () => ({
    version: policyVersion,
    tellsApart: () => false,
  }))
  return {
    views,
    reload: () => (policyVersion = 'two'),
    session: (searchPath = 'public', trees = createTrees(parse, () => true)) =>
      new Classifier({ views, key: KEY, searchPath, trees }),
  }
}

/** Classifies, and tells what is asked for until nothing is. Returns whether anything was. */
function settle(classifier: Classifier, text: string): boolean {
  for (let asked = false; ; asked = true) {
    const result = classifier.classify(text, NO_NAMES)
    if (result.type === 'refused') assert.fail(result.denial.message)
    if (result.type === 'classified') return asked
    classifier.learn(result.lookup, answer(result.lookup))
  }
}

test('what one session has learned, others know, until policies change', () => {
  const { session, reload } = openViews()
  assert.equal(settle(session(), 'SELECT id FROM customers'), true)
  assert.equal(settle(session(), 'SELECT id FROM customers'), false)
  reload()
  assert.equal(settle(session(), 'SELECT id FROM customers'), true)
})

test('sessions of another search path know nothing of it', () => {
  const { session } = openViews()
  assert.equal(settle(session('a'), 'SELECT id FROM customers'), true)
  assert.equal(settle(session('b'), 'SELECT id FROM customers'), true)
})

test('sessions of another resource, server, database or role know nothing of it', () => {
  const { views } = openViews()
  const others = [
    { ...KEY, resource: 'another' },
    { ...KEY, server: 'other:5432' },
    { ...KEY, database: 'hr' },
    { ...KEY, role: 'reader' },
  ]
  const keys = [KEY, ...others]
  const seen = new Set(keys.map((key) => views.get(key, 'public')))
  assert.equal(seen.size, keys.length)
  for (const key of keys) assert.equal(views.latest(key), views.get(key, 'public'))
})

test('what a session learns of its temporary tables stays with it', () => {
  const { session } = openViews()
  const own = session()
  const { epoch } = own
  assert.equal(settle(own, 'SELECT a FROM scratch'), true)
  assert.notEqual(own.epoch, epoch)
  assert.equal(settle(own, 'SELECT a FROM scratch'), false)
  assert.equal(settle(session(), 'SELECT a FROM scratch'), true)
})

test('a change on one server leaves the views of another, and of its other databases', () => {
  const { views } = openViews()
  const keys = [
    KEY,
    { ...KEY, resource: 'same server' },
    { ...KEY, server: 'other:5432' },
    { ...KEY, database: 'hr' },
  ]
  const before = keys.map((key) => views.get(key, 'public'))
  views.changed(KEY)
  const kept = keys.map((key, index) => views.get(key, 'public') === before[index])
  assert.deepEqual(kept, [false, false, true, true])
})

test('views are bounded, whatever search paths are asked for', () => {
  const { views } = openViews()
  const first = views.get(KEY, 'public')
  assert.equal(views.get(KEY, 'public'), first)
  assert.equal(views.latest(KEY), first)
  for (let i = 0; i < 300; i++) views.get(KEY, `path ${i}`)
  assert.notEqual(views.get(KEY, 'public'), first)
})

test('a text is parsed once, however often the catalog is asked about it', () => {
  const parsed: string[] = []
  let rounds = 0
  const held: number[] = []
  const trees = createTrees(
    (text) => (parsed.push(text), parse(text)),
    (bytes) => (held.push(bytes), true),
  )
  const classifier = openViews().session('public', {
    ...trees,
    treeOf: (text) => (rounds++, trees.treeOf(text)),
  })
  const text = 'SELECT mail, total FROM spent WHERE upper(mail) IS NOT NULL'
  assert.equal(settle(classifier, text), true)
  assert.ok(rounds > 2, 'views lead to views')
  assert.deepEqual(parsed, [text])
  assert.equal(Math.max(...held), 140 * text.length)
  assert.equal(held.at(-1), 0, 'nothing of it stays')
})
