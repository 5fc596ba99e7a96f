import { createHash, X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'

/**
 * `tls-server-end-point` (RFC 5929 section 4.1): the server's certificate, hashed as its own
 * signature is, with SHA-256 in place of MD5 and SHA-1. Undefined where the signature has no single
 * hash (Ed25519, RSASSA-PSS): there is then nothing to bind to.
 */
export function endPointBinding(secured: TLSSocket): Buffer | undefined {
  // Node 24 answers getPeerX509Certificate() only once a socket; this it answers always.
  const raw = secured.getPeerCertificate().raw as Buffer | undefined
  if (raw === undefined) return undefined
  const hash = HASHES[new X509Certificate(raw).signatureAlgorithmOid ?? '']
  return hash === undefined ? undefined : createHash(hash).update(raw).digest()
}

/** By the object identifier of the signature algorithm (RFC 4055, RFC 5758, RFC 3279). */
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'sha256', // md5WithRSAEncryption
  '1.2.840.113549.1.1.5': 'sha256', // sha1WithRSAEncryption
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.10045.4.1': 'sha256', // ecdsa-with-SHA1
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}
