import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from './stage.ts'

/** The commands to go on with by hand; tokens are in files, so that no line shows one. */
export async function byHand(stage: Stage): Promise<string> {
  const token = async (name: string, text: Promise<string>) => {
    const file = join(stage.folder, `${name}.token`)
    await writeFile(file, await text, { mode: 0o600 })
    return file
  }
  const agent = await token('agent', stage.agentToken())
  const dana = await token('dana', stage.personToken('dana'))
  const root = await token('root', stage.personToken('root'))
  return `
Everything keeps running; Ctrl-C ends it. In another terminal, in this folder:

  export CHAPERONE_API=${stage.apiUrl} CHAPERONE_CA=${stage.authorityFile}

As the agent, with psql:

  PGPASSWORD=$(cat ${agent}) psql "host=127.0.0.1 port=${stage.postgresPort} user=etl \\
    dbname=sales-db/postgres sslmode=verify-full sslrootcert=${stage.authorityFile}"

  and there:  SELECT * FROM customers;   DROP TABLE orders;   DELETE FROM orders WHERE id = 1;

With a ticket instead of the token:

  PGPASSWORD=$(npm run -s chaperone -- token --token-file ${agent}) psql …

As the agent, with kubectl:

  npm run -s chaperone -- kubeconfig --resource cluster --door ${stage.doorUrl} --namespace prod \\
    --token-file ${agent} --out ${stage.folder}/kubeconfig
  export KUBECONFIG=${stage.folder}/kubeconfig
  kubectl get pods;   kubectl get secret db -o yaml;   kubectl logs web-1
  kubectl delete namespace prod;   kubectl scale deployment web --replicas=3

As the agent, with the Azure CLI (current versions also want --skip-endpoint-discovery at the end of
"az cloud register"):

  npm run -s chaperone -- azure cloud-config --resource arm=azure-arm --door ${stage.doorUrl} \\
    --out ${stage.folder}/cloud.json
  export AZURE_CONFIG_DIR=${stage.folder}/az AZURE_CORE_INSTANCE_DISCOVERY=false \\
    REQUESTS_CA_BUNDLE=${stage.authorityFile}
  az cloud register --name chaperone --cloud-config @${stage.folder}/cloud.json
  az cloud set --name chaperone
  az login --service-principal --username ${stage.agentAppId} \\
    --tenant ${stage.tenant} --federated-token "$(cat ${agent})"
  az group list;   az storage account keys list -g etl -n etlstaging

As Dana, who approves:

  export CHAPERONE_TOKEN=$(cat ${dana})
  npm run -s chaperone -- approvals list
  npm run -s chaperone -- approvals approve ID

As an administrator:

  export CHAPERONE_TOKEN=$(cat ${root})
  npm run -s chaperone -- sessions list
  npm run -s chaperone -- sessions replay ID
  npm run -s chaperone -- search 'verdict:deny'
  npm run -s chaperone -- agents revoke etl-nightly --reason "by hand"

The gateway's files (configuration, policies, records, log) are in ${stage.folder}
Edit a policy there and it is in force at once.
`
}
