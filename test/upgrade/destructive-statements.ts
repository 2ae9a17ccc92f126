/**
 * What a replica of the last release, which still serves on this schema, may stumble over. `drop not null` is here for
 * what it lets in, not for what it takes away.
 */
const DESTRUCTIVE: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'drops what the last release may use',
    /\bdrop\s+(table|column|view|materialized|schema|function|type|constraint|sequence|trigger|default)\b/,
  ],
  ['renames', /\brename\s+(to|column|constraint)\b|\brename\s+\w+\s+to\b/],
  ['changes a type', /\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/],
  ['refuses rows without a value', /\bset\s+not\s+null\b/],
  ['refuses rows by a new rule', /\badd\s+(constraint\s+\S+\s+)?(check|unique|foreign|exclude)\b/],
  [
    'asks for a column that the last release does not write',
    /\badd\s+column\s+\S+\s+(?!.*\bdefault\b)[^,;]*\bnot\s+null\b/,
  ],
  ['refuses rows that were two', /\bcreate\s+unique\s+index\b/],
  ['deletes rows', /\b(delete\s+from|truncate)\b/],
  ['moves to another schema', /\bset\s+schema\b/],
];

/** What is wrong with a migration's text: names of tables that it makes itself do not count. */
export function destructiveStatements(sql: string): string[] {
  const own = new Set([...plain(sql).matchAll(/\bcreate table (?:if not exists )?([\w.]+)/g)].map(([, name]) => name));
  return plain(sql)
    .split(';')
    .map((statement) => statement.trim())
    .filter(
      (statement) => !own.has(/^(?:alter table(?: only)?|create unique index \S+ on) ([\w.]+)/.exec(statement)?.[1]),
    )
    .flatMap((statement) =>
      DESTRUCTIVE.filter(([, pattern]) => pattern.test(statement)).map(
        ([what]) => `${what}: ${statement.slice(0, 120)}`,
      ),
    );
}

/** Without comments and bodies of functions, on one line, in small letters. */
function plain(sql: string): string {
  return sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\$(\w*)\$.*?\$\1\$/gs, "''")
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();
}
