import * as fs from 'node:fs'

/** The file system as the journal uses it, so that tests can let every call fail. */
export interface RecordIo {
  /** Creates a file for appending; fails where it exists. Makes its folders. */
  create(path: string): number
  /** Writes some of the bytes, and says how many. */
  write(file: number, bytes: Uint8Array, offset: number, length: number): number
  truncate(file: number, size: number): void
  /** True if `path` still leads to the open file. */
  leadsTo(path: string, file: number): boolean
  sync(file: number, done: (error: Error | null) => void): void
  close(file: number): void
  remove(path: string): void
  freeBytes(folder: string): number
}

export interface IoOptions {
  /** Syncs the folder after a file was made in it, so that the name survives a power cut. */
  readonly syncFolders: boolean
}

export function nodeIo(options: IoOptions): RecordIo {
  /** Of open files: while one is open, no other file can have its number. */
  const identities = new Map<number, fs.Stats>()
  return {
    create(path) {
      const folder = path.slice(0, path.lastIndexOf('/'))
      makeFolder(folder)
      const file = fs.openSync(path, 'ax', 0o600)
      identities.set(file, fs.fstatSync(file))
      if (options.syncFolders) syncFolder(folder)
      return file
    },
    write: (file, bytes, offset, length) => fs.writeSync(file, bytes, offset, length),
    truncate: (file, size) => fs.ftruncateSync(file, size),
    leadsTo(path, file) {
      try {
        const there = fs.statSync(path, { throwIfNoEntry: false })
        if (there === undefined) return false
        const open = identities.get(file)
        return there.ino === open?.ino && there.dev === open.dev
      } catch {
        return false
      }
    },
    sync: (file, done) => fs.fdatasync(file, done),
    close(file) {
      identities.delete(file)
      fs.closeSync(file)
    },
    remove: (path) => fs.rmSync(path, { force: true }),
    freeBytes(folder) {
      const { bavail, bsize } = fs.statfsSync(folder)
      return bavail * bsize
    },
  }
}

export function syncFolder(folder: string): void {
  const file = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

/** Makes a folder that only the gateway's own user may look into. */
export function makeFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
}
