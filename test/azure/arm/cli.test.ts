import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ArmWorld } from '../../world/arm.ts'
import { startArmWorld } from '../../world/arm.ts'
import { heldRequest } from '../../world/held-request.ts'
import type { SignedIn } from './az.ts'
import { azureClis, signIn } from './az.ts'

const POLICY = `
name: operator
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: ['*/read', Microsoft.Graph/directoryObjects/getByIds/action] }
    mask:
      - { columns: ['**/adminUsername'], with: redact }
  - id: groups
    allow: { actions: ['Microsoft.Resources/subscriptions/resourceGroups/*'] }
  - id: storage
    allow: { actions: ['Microsoft.Storage/storageAccounts/*'] }
  - id: what-if
    allow: { actions: ['Microsoft.Resources/deployments/whatIf/action', 'Microsoft.Resources/deployments/validate/action'] }
  - id: stacks
    allow: { actions: ['Microsoft.Resources/deploymentStacks/*'] }
  - id: deploy
    hold: { actions: ['Microsoft.Resources/deployments/write'] }
    approvers: { groups: [{dba}] }
  - id: no-beta
    deny: { actions: ['*/write', '*/delete'], objects: [subscriptions/*/resourceGroups/Beta] }
    message: Beta is being moved.
`

const TEMPLATE = `{
  // The CLI sends this file as it is, with its comments.
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    { "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2022-09-01", "name": "newacct",
      "location": "westeurope", "sku": { "name": "Standard_LRS" }, "kind": "StorageV2", "properties": {} }
  ]
}`

const clis = azureClis()

test('there is an Azure CLI', { skip: clis.length > 0 ? false : 'no az on the path' }, () => {
  assert.ok(clis.length > 0)
})

for (const cli of clis) {
  describe(`the real Azure CLI (${cli.name})`, () => {
    let bench: ArmWorld
    let az: SignedIn['az']
    let template: string

    before(async () => {
      bench = await startArmWorld({ policy: POLICY, emulator: { pageSize: 2 } })
      for (const name of ['alpha', 'beta', 'gamma']) bench.arm.addGroup(name)
      const properties = { osProfile: { adminUsername: 'root-of-all' }, hardwareProfile: {} }
      bench.arm.addResource('alpha', 'Microsoft.Compute/virtualMachines', 'vm1', { properties })
      bench.arm.addResource('alpha', 'Microsoft.Storage/storageAccounts', 'acme', {
        kind: 'StorageV2',
      })
      for (const name of ['ann', 'ben', 'cem']) {
        bench.arm.addEntry('users', { id: `id-${name}`, displayName: name })
      }
      template = join(bench.folder, 'template.json')
      await writeFile(template, TEMPLATE)
      az = (await signIn(bench, cli)).az
    })
    after(() => bench.stop())

    const complaint = async (...words: string[]): Promise<string> => {
      const failed = (await az(...words).then(
        () => ({ stderr: 'it succeeded' }),
        (error: unknown) => error,
      )) as { stderr?: string; message?: string }
      return failed.stderr ?? failed.message ?? ''
    }

    test('signs in, and knows its subscription', async () => {
      const [account] = (await az('account', 'list')) as [{ name: string; id: string }]
      assert.equal(account.name, 'Emulated')
      assert.equal(account.id, bench.arm.subscription)
    })

    test('follows pages through the gateway', async () => {
      assert.deepEqual(await az('group', 'list', '--query', '[].name'), ['alpha', 'beta', 'gamma'])
      const resources = await az('resource', 'list', '--query', '[].name')
      assert.deepEqual(resources, ['vm1', 'acme'])
      assert.deepEqual(await az('ad', 'user', 'list', '--query', '[].displayName'), [
        'ann',
        'ben',
        'cem',
      ])
    })

    test('creates a group, and deletes it by polling', async () => {
      await az('group', 'create', '--name', 'delta', '--location', 'westeurope')
      assert.equal(await az('group', 'exists', '--name', 'delta'), true)
      await az('group', 'delete', '--name', 'delta', '--yes')
      assert.equal(await az('group', 'exists', '--name', 'delta'), false)
    })

    test('sees a field masked', async () => {
      const id = `/subscriptions/${bench.arm.subscription}/resourceGroups/alpha/providers/Microsoft.Compute/virtualMachines/vm1`
      const name = await az(
        'resource',
        'show',
        '--ids',
        id,
        '--query',
        'properties.osProfile.adminUsername',
      )
      assert.equal(name, '[redacted]')
      assert.doesNotMatch(await bench.records(), /root-of-all/)
    })

    test('is told which rule refused, and why a wildcard gives no keys', async () => {
      const denied = await complaint('group', 'delete', '--name', 'beta', '--yes')
      assert.match(denied, /POLICY_DENIED/)
      assert.match(denied, /operator\/no-beta/)
      assert.match(denied, /Beta is being moved/)
      const keys = await complaint(
        'storage',
        'account',
        'keys',
        'list',
        '-n',
        'acme',
        '-g',
        'alpha',
      )
      assert.match(keys, /azure\.secrets\.read/)
      assert.equal(
        bench.arm.requests.some(({ path }) => /listkeys/i.test(path)),
        false,
      )
    })

    test('asks what-if, and a deployment waits for people who see the same', async () => {
      const words = ['-g', 'alpha', '-n', 'd1', '--template-file', template]
      const shown = await az('deployment', 'group', 'what-if', ...words, '--no-pretty-print')
      assert.match(JSON.stringify(shown), /newacct/)
      const deployment = az(
        'deployment',
        'group',
        'create',
        ...words,
        '--query',
        'properties.provisioningState',
      )
      const request = await heldRequest(bench)
      assert.match(JSON.stringify(request), /\+ \/subscriptions\/[^ ]*\/storageAccounts\/newacct/)
      await bench.approver('approvals', 'approve', request.id, '--yes')
      assert.equal(await deployment, 'Succeeded')
    })

    test('makes a stack that detaches, and none that deletes', async (context) => {
      if (!cli.discovers) return context.skip("Debian's 2.45 has no such command")
      // This command reads templates as strict JSON.
      const plain = join(bench.folder, 'plain.json')
      await writeFile(plain, TEMPLATE.replace(/\/\/ .*/, ''))
      const words = `stack group create -g alpha -n s1 --yes --template-file ${plain} --deny-settings-mode none --query resources[].id --action-on-unmanage`
      const stack = (action: string) => [...words.split(' '), action]
      const made = await az(...stack('detachAll'))
      assert.match(JSON.stringify(made), /storageAccounts\/newacct/)
      assert.match(await complaint(...stack('deleteAll')), /azure\.deployment\.complete/)
      const end = ['stack', 'group', 'delete', '-g', 'alpha', '-n', 's1', '--yes']
      const all = [...end, '--action-on-unmanage', 'deleteResources']
      assert.match(await complaint(...all), /azure\.deployment\.complete/)
      await az(...end, '--action-on-unmanage', 'detachAll')
    })

    test('reads with az rest, and is recorded with the name of its command', async () => {
      const rest = await az(
        'rest',
        '--url',
        '/subscriptions?api-version=2022-12-01',
        '--query',
        'value[0].displayName',
      )
      assert.equal(rest, 'Emulated')
      const records = await bench.records()
      assert.match(records, /commandname: group list/)
      assert.match(records, /Microsoft\.Resources\/subscriptions\/resourceGroups\/delete/)
    })
  })
}
