import { ChaperoneError } from '../../core/errors.ts'

/** The origin of the gateway's HTTP door. Throws REQUEST_INVALID. */
export function doorOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '') {
    throw new ChaperoneError('REQUEST_INVALID', '--door is no address of the HTTP door.', {
      hint: 'Write it as https://HOST:PORT, without a path.',
    })
  }
  return url.origin
}
