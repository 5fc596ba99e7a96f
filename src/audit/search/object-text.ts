/**
 * The segments of a written object (core/object.ts), each as it is written: a quoted segment keeps
 * its quotes, and a dot inside of it is no end.
 */
export function splitObject(object: string): string[] {
  return object.match(/(?:"[^"]*"|[^."])+/g) ?? []
}
