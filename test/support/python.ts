import { execFileSync } from 'node:child_process'

/** Debian's own Python has Debian's modules, whatever other Python comes first on the path. */
const INTERPRETERS = ['python3', '/usr/bin/python3']

/** The interpreter that has this module, or undefined. */
export function findPythonWith(module: string): string | undefined {
  return INTERPRETERS.find((interpreter) => {
    try {
      execFileSync(interpreter, ['-c', `import ${module}`], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}

/** For `test(name, { skip: noPsycopg() })`. */
export function noPsycopg(): string | false {
  if (findPythonWith('psycopg2') !== undefined) return false
  return 'needs psycopg2; install python3-psycopg2, then run: npm run pretest'
}
