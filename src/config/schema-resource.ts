import { z } from 'zod'
import { armSchema, graphSchema, keyvaultSchema, storageSchema } from './schema-azure.ts'
import { kubernetesSchema } from './schema-kubernetes.ts'
import { postgresSchema } from './schema-postgres.ts'

/** A target and how to reach it. */
export function resourceSchema(base: string) {
  return z.discriminatedUnion('type', [
    postgresSchema(base),
    kubernetesSchema(base),
    armSchema(base),
    graphSchema(base),
    storageSchema(base),
    keyvaultSchema(base),
  ])
}
