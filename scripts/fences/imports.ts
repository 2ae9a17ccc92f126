import { parseSync, Visitor } from 'oxc-parser';

export interface Import {
  /** As written; null for one that is computed when the program runs. */
  readonly specifier: string | null;
  readonly line: number;
}

export interface Findings {
  /** Every way there is to name another module, types included. */
  readonly imports: readonly Import[];
  /** Uses of the clock, randomness, the environment or the process, as written. */
  readonly impurities: readonly { readonly what: string; readonly line: number }[];
}

const IMPURE_GLOBALS = new Set([
  'process',
  'globalThis',
  'global',
  'performance',
  'crypto',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'console',
  'eval',
  'Function',
]);

/** Throws on what is no TypeScript. */
export function readImports(path: string, text: string): Findings {
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const imports: Import[] = [];
  const impurities: { what: string; line: number }[] = [];
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const named = (source: { value?: unknown; start: number } | null | undefined) => {
    if (source == null) return;
    const specifier = typeof source.value === 'string' ? source.value : null;
    imports.push({ specifier, line: lineOf(source.start) });
  };
  const impure = (what: string, start: number) => impurities.push({ what, line: lineOf(start) });

  new Visitor({
    ImportDeclaration: ({ source }) => named(source),
    ExportAllDeclaration: ({ source }) => named(source),
    ExportNamedDeclaration: ({ source }) => named(source),
    ImportExpression: ({ source }) => named(source as { value?: unknown; start: number }),
    TSImportType: ({ source }) => named(source),
    TSExternalModuleReference: ({ expression }) => named(expression),
    CallExpression(node) {
      const { callee } = node;
      if (callee.type === 'Identifier' && callee.name === 'require') {
        named(node.arguments[0] as { value?: unknown; start: number } | undefined);
      }
      if (callee.type === 'Identifier' && callee.name === 'Date') impure('Date()', node.start);
    },
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) {
        impure('new Date()', node.start);
      }
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (object.type !== 'Identifier') return;
      const member = property.type === 'Identifier' ? property.name : (property as { value?: unknown }).value;
      if (object.name === 'Date' && member === 'now') impure('Date.now', node.start);
      if (object.name === 'Math' && member === 'random') impure('Math.random', node.start);
    },
    Identifier(node) {
      if (IMPURE_GLOBALS.has(node.name)) impure(node.name, node.start);
    },
  }).visit(program);
  return { imports, impurities };
}
