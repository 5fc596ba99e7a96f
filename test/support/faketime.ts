import { existsSync, globSync, renameSync, writeFileSync } from 'node:fs'

/** Debian's libfaketime: makes another time of day for one process, and leaves its steady clock. */
export function findFaketime(): string | undefined {
  const places = ['/usr/lib/*/faketime/libfaketime.so.1', '/usr/lib/faketime/libfaketime.so.1']
  return places.flatMap((place) => globSync(place)).find((file) => existsSync(file))
}

/** For `test(name, { skip: noFaketime() })`. */
export function noFaketime(): string | false {
  if (findFaketime() !== undefined) return false
  return 'needs libfaketime; install libfaketime, then run: npm run pretest'
}

/** The time of day of a process that is started with `environment`. */
export interface FakeTime {
  readonly environment: Readonly<Record<string, string>>
  /** Seconds before or after the real time. */
  set(offset_s: number): void
}

export function openFakeTime(file: string): FakeTime {
  const set = (offset_s: number) => {
    // At once: the process reads the file whenever it looks at the time.
    writeFileSync(`${file}.new`, `${offset_s < 0 ? '' : '+'}${offset_s}\n`)
    renameSync(`${file}.new`, file)
  }
  set(0)
  return {
    set,
    environment: {
      LD_PRELOAD: findFaketime() ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
  }
}
