/** Goes on at once with a value that is there, and later with one that is not: no promise where none is needed. */
export function whenReady<T>(
  value: T | Promise<T>,
  next: (value: T) => void,
  failed: (error: unknown) => void,
): void {
  if (value instanceof Promise) {
    value.then(next).catch(failed)
    return
  }
  next(value)
}
