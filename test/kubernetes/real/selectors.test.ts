import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import {
  fieldsSelected,
  labelsSelected,
} from '../../../src/protocol/kubernetes/request/selectors.ts'
import type { Dice } from '../../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../../support/dice.ts'
import { askRaw } from '../raw-stream.ts'
import { findKubePrograms } from './programs.ts'
import type { ApiServer } from './server.ts'
import { startApiServer } from './server.ts'

/**
 * Selectors that the API server and the gateway both read. Names that it does not take are in
 * them: of those it says so, and the gateway must have seen each as the name of a field or a label.
 */

const programs = findKubePrograms()
const skip = programs === undefined && 'kube-apiserver is not built: npm run test:kube-apiserver'
let server: ApiServer | undefined
after(() => server?.stop())

const ODD = 'odd^name'
/** Of a value it says where it stands: `values[0][a]`. */
const INVALID_KEY = /^unable to parse requirement: <nil>: Invalid value: ("(?:[^"\\]|\\.)*"):/
const ROUNDS = countFrom('KUBE_READINGS', 500)
const PIECES = [ODD, ODD, 'a', 'in', 'notin', '=', '==', '!=', '!', '(', ')', ',', ',', ' ', '\\', '<', '>', 'b', '\t', '.'] // prettier-ignore

test(
  'fields and labels that a selector asks about are those that the server says',
  { skip },
  async () => {
    server = await startApiServer(programs!)
    const { port, caFile, adminToken } = server
    const reach = { port, ca: await readFile(caFile, 'utf8'), prefix: '', token: adminToken }
    const dice = createDice(seedFrom('KUBE_READINGS_SEED'))
    const told = { fields: 0, labels: 0, taken: 0 }

    async function ask(parameter: string, selector: string) {
      const path = `/api/v1/namespaces/default/configmaps?${parameter}=${encodeURIComponent(selector)}`
      const { status, text } = await askRaw(reach, `GET ${path}`, '', '')
      const { message = '' } = JSON.parse(text) as { readonly message?: string }
      return { status, message }
    }

    for (let round = 0; round < ROUNDS; round++) {
      const selector = randomSelector(dice)
      const why = `seed ${dice.seed}: ${JSON.stringify(selector)}`
      const fields = fieldsSelected(selector)
      const byField = await ask('fieldSelector', selector)
      const field = named(/^(".*") is not a known field selector/s, byField.message)
      if (field !== undefined) {
        told.fields++
        assert.ok(fields === undefined || fields.includes(field), `${why}: ${byField.message}`)
      }
      const labels = labelsSelected(selector)
      const byLabel = await ask('labelSelector', selector)
      const label = named(INVALID_KEY, byLabel.message)
      if (label !== undefined) {
        told.labels++
        assert.ok(labels === undefined || labels.includes(label), `${why}: ${byLabel.message}`)
      }
      if (byLabel.status === 200) {
        told.taken++
        assert.ok(labels !== undefined, `${why}: is good for the server`)
      }
    }
    assert.ok(told.fields > 0 && told.labels > 0 && told.taken > 0, JSON.stringify(told))
  },
)

/** Go quotes a text as JSON does, but for what is not in these. */
function named(pattern: RegExp, message: string): string | undefined {
  const quoted = pattern.exec(message)?.[1]
  return quoted === undefined ? undefined : (JSON.parse(quoted) as string)
}

function randomSelector(dice: Dice): string {
  const random = () => Array.from({ length: dice.between(1, 6) }, () => dice.pick(PIECES)).join('')
  const plain = () =>
    dice.pick(['a=b', 'a!=b', 'a in (b,c)', 'a', '!a', `${ODD}=a`, `${ODD} in (a)`, 'a!=('])
  return Array.from({ length: dice.between(1, 4) }, () => dice.pick([random, plain, plain])()).join(
    ',',
  )
}
