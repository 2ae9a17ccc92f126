import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** One `name{matchers}` of an expression, and what stands around it. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
  /** The function that takes it as a range, `rate` of `rate(x[5m])`; null without a range. */
  readonly rangeFunction: string | null;
  /** As written, `5m`; null without a range. */
  readonly range: string | null;
  /** What each aggregation around it keeps, innermost first; `without` and none at all keep nothing nameable. */
  readonly aggregations: readonly (readonly string[])[];
}

export interface ParsedPromql {
  /** Character offsets of what can't be parsed. */
  readonly errors: readonly number[];
  readonly selectors: readonly Selector[];
}

/** Values that stand for Grafana's variables: of the same kind, so that what parses here parses there. */
const VARIABLES: Readonly<Record<string, string>> = { __rate_interval: '1m', __interval: '15s', __range: '6h' };

/** `$name` and `${name:format}` → a value; unknown names become `x`, which fits where a matcher's text stands. */
export function replaceVariables(expr: string, values: Readonly<Record<string, string>> = {}): string {
  return expr.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (_, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain ?? '';
    return values[name] ?? VARIABLES[name] ?? 'x';
  });
}

/** Parses PromQL whose variables have been replaced. */
export function parsePromql(text: string): ParsedPromql {
  const errors: number[] = [];
  const selectors: Selector[] = [];
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) errors.push(node.from);
      if (node.name === 'VectorSelector') selectors.push(readSelector(node.node, text));
    },
  });
  return { errors, selectors };
}

function readSelector(node: SyntaxNode, text: string): Selector {
  const range = node.parent?.name === 'MatrixSelector' ? node.parent : null;
  const call = range === null ? null : ancestor(range, 'FunctionCall');
  return {
    metric: textOf(node.getChild('Identifier'), text),
    matchers: (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map((matcher) => ({
      label: textOf(matcher.getChild('LabelName'), text),
      operator: textOf(matcher.getChild('MatchOp'), text),
      value: textOf(matcher.getChild('StringLiteral'), text).slice(1, -1),
    })),
    rangeFunction: call === null ? null : textOf(call.getChild('FunctionIdentifier'), text),
    range: range === null ? null : textOf(range.getChild('DurationExpr') ?? range.lastChild, text),
    aggregations: aggregationsAround(node, text),
  };
}

function aggregationsAround(node: SyntaxNode, text: string): string[][] {
  const kept: string[][] = [];
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.name !== 'AggregateExpr') continue;
    const modifier = at.getChild('AggregateModifier');
    const labels = modifier?.getChild('By')
      ? (modifier.getChild('GroupingLabels')?.getChildren('LabelName') ?? [])
      : [];
    kept.push(labels.map((label) => textOf(label, text)));
  }
  return kept;
}

function ancestor(node: SyntaxNode, name: string): SyntaxNode | null {
  for (let at = node.parent; at !== null; at = at.parent) if (at.name === name) return at;
  return null;
}

function textOf(node: SyntaxNode | null, text: string): string {
  return node === null ? '' : text.slice(node.from, node.to);
}
