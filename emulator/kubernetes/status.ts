/** A `Status`, the API's own word for what went wrong, or that something went well. */
export function statusOf(code: number, reason: string, message: string): object {
  const status = code < 400 ? 'Success' : 'Failure'
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status, message, reason, code }
}
