import { CODES } from '../core/codes.ts'

const HEAD = `# Errors

Every refusal and every failure has one of these codes. Branch on codes, never on messages. The list
is written from \`src/core/codes.ts\` by \`npm run schema\`.

- **PostgreSQL clients** see the SQLSTATE; the code itself stands in the error's DETAIL.
- **API clients** see the HTTP status, and \`{ "error": { "code", "message", "hint" } }\`.
- **Records and the CLI** (\`--json\`) have the same fields.

| Code | SQLSTATE | HTTP | Means |
|---|---|---|---|
`

/** docs/errors.md: every code that a person or a program can meet. */
export function errorPage(): string {
  const rows = Object.entries(CODES).map(
    ([code, { sqlstate, http, means }]) => `| \`${code}\` | ${sqlstate} | ${http} | ${means} |\n`,
  )
  return HEAD + rows.join('')
}
