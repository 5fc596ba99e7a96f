import type { RequestHead } from '../../../src/protocol/http/head.ts'

/** A head as the proxy core would hand it over; for heads that the core lets through. */
export function headOf(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  prefix = '',
): RequestHead {
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  const query = at < 0 ? '' : target.slice(at + 1)
  const pairs = query === '' ? [] : query.split('&')
  return {
    method,
    path,
    segments: path === '/' ? [] : path.slice(1).split('/').map(decodeURIComponent),
    query,
    parameters: pairs.map((pair) => {
      const equals = pair.indexOf('=')
      const name = equals < 0 ? pair : pair.slice(0, equals)
      return [
        decodeURIComponent(name),
        decodeURIComponent(equals < 0 ? '' : pair.slice(equals + 1)),
      ]
    }),
    headers: Object.entries(headers),
    authority: 'acme.blob.gateway.example',
    prefix,
    bodyLength: 0,
  }
}
