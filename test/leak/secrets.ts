/** What the masked columns hold: values that occur nowhere else. */
export interface Secrets {
  readonly emails: readonly [string, string]
  readonly street: string
  readonly diary: string
  readonly code: number
}

/**
 * Two sets, for comparing. They agree in what the maskers of `free` keep (the first letter and the
 * top-level domain of an address, the first two letters of the diary), and in nothing else.
 */
export const SECRETS: readonly [Secrets, Secrets] = [
  {
    emails: ['qz7vexing.jk@wb4hymn.test', 'xw9plumbt@gq2fjord.test'],
    street: '48 Kvrznop Yard',
    diary: 'blqwk sphinx jzgt vow',
    code: 918273645,
  },
  {
    emails: ['qk3mjudged.fowl@zx8cwm.test', 'xq6tryst@pv1nkgb.test'],
    street: '7193 Qwylthmurf Lane, rear',
    diary: 'blv dwarf jock',
    code: 746352819,
  },
]

export function secretTexts({ emails, street, diary, code }: Secrets): readonly string[] {
  return [...emails, street, diary, String(code), String(code + 1)]
}

/** SQL that puts the secrets in place: the same rows in the same places, whatever they hold. */
export function contents({ emails, street, diary, code }: Secrets): string {
  const [first, second] = emails
  return `
  TRUNCATE people, notes, homes, parts, mirrors, letters, vault;
  INSERT INTO people VALUES (1, 'Ada', '${first}', ${code}, '{${first},${second}}', '1980'),
    (2, 'Bo', '${second}', ${code + 1}, '{${second}}', '1990'), (3, 'Cy', NULL, NULL, NULL, NULL);
  INSERT INTO notes VALUES (1, 1, 'milk', '${diary}', '{"k": "${diary}", "n": [1, "${first}"]}'),
    (2, 1, 'eggs', '${diary} ${second}', '{"k": "${second}"}'), (3, 2, 'tea', NULL, NULL);
  INSERT INTO homes VALUES (1, ROW('${street}', 2), text_range('${first}', NULL), 'Ghent'),
    (2, ROW('${street} b', 3), text_range(NULL, '${second}'), 'Oslo');
  INSERT INTO parts VALUES (1, '${first}', 'Ada'), (2, '${second}', 'Bo');
  INSERT INTO mirrors VALUES (1, 'first', '${first}'), (2, 'second', '${second}'), (3, NULL, NULL);
  INSERT INTO letters VALUES (1, '${first}'), (2, '${second}');
  INSERT INTO vault VALUES (1, 'gold', '${first}'), (2, 'salt', '${second}'), (3, 'tin', NULL);
  REFRESH MATERIALIZED VIEW kept;
`
}
