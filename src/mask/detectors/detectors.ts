import type { DetectorName } from '../../core/verdict.ts'
import { scanAzureKeys } from './azure.ts'
import { scanPaymentCards } from './card.ts'
import { scanConnectionStrings } from './connection.ts'
import { scanEmails } from './email.ts'
import { scanIbans } from './iban.ts'
import { scanIpAddresses } from './ip.ts'
import { scanJwts } from './jwt.ts'
import { scanPhones } from './phone.ts'
import { scanPrivateKeys } from './private-key.ts'
import { scanSsns } from './ssn.ts'
import type { Scan, Span, Text } from './text.ts'

const SCANS: Readonly<Record<DetectorName, Scan>> = {
  'payment-card': scanPaymentCards,
  iban: scanIbans,
  'us-ssn': scanSsns,
  email: scanEmails,
  phone: scanPhones,
  'ip-address': scanIpAddresses,
  jwt: scanJwts,
  'azure-key': scanAzureKeys,
  'azure-connection-string': scanConnectionStrings,
  'private-key': scanPrivateKeys,
}

/**
 * Where the text holds something that these detectors know, by start. Spans may overlap. The cost
 * is linear in the length of the text.
 */
export function detect(text: Text, detectors: Iterable<DetectorName>): Span[] {
  const spans: Span[] = []
  for (const detector of detectors) {
    SCANS[detector](text, (start, end) => spans.push({ start, end, detector }))
  }
  return spans.length > 1 ? spans.sort((a, b) => a.start - b.start || b.end - a.end) : spans
}
