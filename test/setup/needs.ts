import { findFaketime } from '../support/faketime.ts'
import { findJdbcDriver, findServerPrograms, isOnPath } from '../support/postgres-programs.ts'
import { findPythonWith } from '../support/python.ts'

/** A program of the operating system that tests talk to, and Debian's package for it. */
export interface Need {
  readonly what: string
  readonly package: string
  isThere(): boolean
}

export const NEEDS: readonly Need[] = [
  {
    what: 'PostgreSQL server',
    package: 'postgresql',
    isThere: () => findServerPrograms() !== undefined,
  },
  { what: 'psql and pg_dump', package: 'postgresql-client', isThere: () => isOnPath('psql') },
  {
    what: 'psycopg2 for Python 3',
    package: 'python3-psycopg2',
    isThere: () => findPythonWith('psycopg2') !== undefined,
  },
  {
    what: "PostgreSQL's JDBC driver",
    package: 'libpostgresql-jdbc-java',
    // Of no use without Java, which is not installed for it.
    isThere: () => !isOnPath('javac') || findJdbcDriver() !== undefined,
  },
  { what: 'Azure CLI', package: 'azure-cli', isThere: () => isOnPath('az') },
  // Debian 12 has one that is too old for streams; its tests then say so.
  { what: 'kubectl', package: 'kubernetes-client', isThere: () => isOnPath('kubectl') },
  { what: 'libfaketime', package: 'libfaketime', isThere: () => findFaketime() !== undefined },
]
