import { z } from 'zod'
import { address } from '../document/units.ts'
import { path, url } from './fields.ts'

const developmentTls = z.strictObject({
  developmentAuthority: z
    .literal(true)
    .describe('Make a certificate authority and a certificate at start. For trials only.'),
})

function fileTls(base: string) {
  return z.strictObject({
    certificate: path(base, 'PEM file: the certificate and its chain.'),
    key: path(base, 'PEM file: the private key.'),
    developmentAuthority: z.literal(false).exactOptional(),
  })
}

function tls(base: string) {
  return z.union([fileTls(base), developmentTls], {
    error: (issue) => (isMap(issue.input) ? undefined : 'must be a map of keys'),
  })
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export type ListenTls = z.output<ReturnType<typeof tls>>

/** The doors: one for each protocol, one for people and programs, one for metrics. */
export function listenSchema(base: string) {
  return z
    .strictObject({
      postgres: z.strictObject({
        address: address('Where agents connect with PostgreSQL clients.').prefault('0.0.0.0:6432'),
        tls: tls(base).describe('The certificate that agents see.'),
        plaintext: z
          .enum(['refuse', 'loopback'])
          .default('refuse')
          .describe(
            '`loopback` accepts plain text from this machine; nothing accepts it from elsewhere.',
          ),
      }),
      http: z
        .strictObject({
          address: address('Where agents connect with HTTP clients.').prefault('0.0.0.0:7443'),
          tls: tls(base)
            .exactOptional()
            .describe('The certificate that agents see; without it, that of `postgres`.'),
        })
        .prefault({})
        .describe('Opened when there is a resource for it.'),
      api: z
        .strictObject({
          address: address('Where the API answers.').prefault('127.0.0.1:8443'),
          publicUrl: url('How people and programs reach the API, for links.').exactOptional(),
          tls: z
            .union([z.literal('off'), tls(base)])
            .exactOptional()
            .describe('Without it, the certificate of `postgres`. `off` only on loopback.'),
        })
        .prefault({}),
      metrics: z
        .strictObject({
          address: address('Where Prometheus metrics answer, by plain HTTP and without sign-in.'),
        })
        .exactOptional(),
    })
    .transform((listen) => ({
      ...listen,
      http: { ...listen.http, tls: listen.http.tls ?? listen.postgres.tls },
      api: { ...listen.api, tls: listen.api.tls ?? listen.postgres.tls },
    }))
}
