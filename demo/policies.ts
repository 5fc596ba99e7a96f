/** What the demo's agent may do, a file for each kind of resource; `dba` approves. */
export function policies(dba: string): Readonly<Record<string, string>> {
  return {
    'etl-on-sales.yaml': onSales(dba),
    'etl-on-cluster.yaml': onCluster(dba),
    'etl-on-azure.yaml': onAzure(dba),
  }
}

function onSales(dba: string): string {
  return `\
name: etl-on-sales
description: the nightly ETL reads sales, and may delete orders with the DBA's consent
subjects: { agents: [etl-*] }
resources: { types: [postgres], labels: { env: demo } }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [postgres.public.*] }
    maxRows: 1000
    mask:
      - { columns: [postgres.public.customers.email], with: email }
      - { columns: [postgres.public.customers.card], with: { name: partial, keepEnd: 4 } }
      - { detect: [payment-card], with: redact }
  - id: fix-orders
    hold: { actions: [sql.update, sql.delete], objects: [postgres.public.orders] }
    when: op.hasWhere
    approvers: { groups: [${dba}] }
    expires: 5m
  - id: no-ddl
    deny: { actions: [sql.ddl.*, sql.truncate, sql.grant] }
    message: Schema changes go through the migrations pipeline.
`
}

function onCluster(dba: string): string {
  return `\
name: etl-on-cluster
description: looks around in its namespace, and may change deployments with consent
subjects: { agents: [etl-*] }
resources: { types: [kubernetes] }
rules:
  - id: look
    allow: { actions: [k8s.get, k8s.list, k8s.watch], objects: [prod/**] }
    mask:
      - columns: ['prod/secrets/*/data/**', 'prod/pods/*/spec/containers/env/value']
        with: redact
      - { detect: [email], with: email }
  - id: logs
    allow: { actions: [k8s.pods.log], objects: [prod/pods/**] }
    mask: [{ detect: [email, payment-card], with: redact }]
  - id: change-deployments
    hold: { actions: [k8s.patch, k8s.update, k8s.deployments.scale], objects: [prod/deployments.apps/**] }
    approvers: { groups: [${dba}] }
    expires: 5m
  - id: no-deleting
    deny: { actions: [k8s.delete, k8s.deletecollection] }
    message: Deleting goes through the deployment pipeline.
`
}

function onAzure(dba: string): string {
  return `\
name: etl-on-azure
description: reads the subscription and works on storage; access is a matter for people
subjects: { agents: [etl-*] }
resources: { types: [azure-arm] }
rules:
  - id: look
    allow: { actions: ['*/read'], objects: ['**'] }
  - id: storage
    allow: { actions: ['Microsoft.Storage/storageAccounts/*'], objects: ['subscriptions/*/resourceGroups/etl'] }
  - id: no-keys
    deny: { actions: [azure.secrets.read] }
    message: Storage takes your own token; nobody needs its keys.
  - id: access
    hold: { actions: [Microsoft.Authorization/roleAssignments/write, azure.escalate] }
    approvers: { groups: [${dba}] }
    expires: 5m
`
}
