/** What a summary may be long: https://opentelemetry.io/docs/specs/semconv/database/database-spans/#generating-query-summary */
const MAX_CHARS = 255;

/** Comments and literals between two words say nothing about what a statement touches. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|(?:[a-z_][\w$]*|"[^"]*")(?:\.(?:[a-z_][\w$]*|"[^"]*"))*|[(),]/giy;

/** Words after which a list of tables has ended. */
const ENDS_TABLES = new Set(['where', 'set', 'on', 'using', 'group', 'order', 'limit', 'returning', 'values', 'for']);

interface Operation {
  readonly name: string;
  readonly targets: string[];
}

/** What is open at one depth of parentheses. */
interface Level {
  /** The operation whose tables `from` and `join` name here; null inside the arguments of a function. */
  operation: Operation | null;
  inTables: boolean;
}

/**
 * `db.query.summary` of a statement: its operations with the tables they touch, in order, and nothing of its values:
 * `INSERT seqpulse.samples SELECT seqpulse.deployments`. Names of subqueries are no tables; an operation that touches
 * none is left out beside others.
 */
export function summarizeStatement(text: string): string {
  const words = tokensOf(text);
  const named = new Set<string>();
  const operations: Operation[] = [];
  const levels: Level[] = [{ operation: null, inTables: false }];
  const begin = (level: Level, name: string): void => {
    level.operation = { name, targets: [] };
    level.inTables = name !== 'SELECT';
    operations.push(level.operation);
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const before = words[at - 1] ?? '';
    const level = levels.at(-1) ?? { operation: null, inTables: false };
    if (word === '(') levels.push({ operation: null, inTables: false });
    else if (word === ')') levels.pop();
    else if (word === 'select' || word === 'insert') begin(level, word.toUpperCase());
    else if (word === 'update' && !['for', 'key', 'do'].includes(before)) begin(level, 'UPDATE');
    else if (word === 'delete' && before !== 'on') begin(level, 'DELETE');
    else if (word === 'from' || word === 'join') level.inTables = level.operation !== null && before !== 'distinct';
    else if (ENDS_TABLES.has(word)) level.inTables = false;
    else if (word === 'as' && isSubquery(words, at)) named.add(before);
    else if (level.inTables && namesTable(words, at)) level.operation?.targets.push(word);
  }
  const touched = operations
    .map(({ name, targets }) => ({ name, targets: targets.filter((target) => !named.has(target)) }))
    .filter(({ targets }) => targets.length > 0);
  const parts = touched.map(({ name, targets }) => [name, ...new Set(targets)].join(' '));
  const summary = parts.filter((part, index) => part !== parts[index - 1]).join(' ');
  return shorten(summary || operations[0]?.name || (words[0] ?? '').toUpperCase());
}

/** Lower-case words, and the punctuation that separates them. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) {
      at += 1;
      continue;
    }
    at += token.length;
    if (/^[\w"(),]/.test(token)) tokens.push(token.toLowerCase());
  }
  return tokens;
}

/** `as (`, `as materialized (` and `as not materialized (` follow the name of a subquery. */
function isSubquery(words: readonly string[], at: number): boolean {
  const next = words.slice(at + 1, at + 4).find((word) => word !== 'not' && word !== 'materialized');
  return next === '(';
}

/** A table comes right after what introduces one; a word after a table is its alias, one before `(` is a function. */
function namesTable(words: readonly string[], at: number): boolean {
  const before = words[at - 1] ?? '';
  if (words[at] === 'only' || words[at] === 'lateral') return false;
  if (before === 'into') return true;
  return ['from', 'join', 'update', 'only', ','].includes(before) && words[at + 1] !== '(';
}

/** Cut between two words. */
function shorten(summary: string): string {
  if (summary.length <= MAX_CHARS) return summary;
  return summary.slice(0, summary.lastIndexOf(' ', MAX_CHARS));
}
