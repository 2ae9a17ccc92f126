import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { ERROR_RATIO_WINDOWS, RECORDED } from '../recording-rules.ts';
import { scaleDuration } from './durations.ts';

export interface ExpressionMutation {
  readonly change: string;
  readonly expr: string;
}

const SWAPPED: Readonly<Record<string, readonly string[]>> = {
  Gtr: ['>=', '<'],
  Gte: ['>', '<'],
  Eql: ['!='],
  Sum: ['max'],
  Max: ['sum'],
  Count: ['sum'],
};

/** Every place of a PromQL expression that can be wrong by one step, each changed once. */
export function expressionMutations(expr: string): ExpressionMutation[] {
  const mutations: ExpressionMutation[] = [];
  parser.parse(expr).iterate({
    enter({ node }) {
      for (const { from, to, text } of replacements(node, expr)) {
        const old = expr.slice(from, to);
        const change = `${old.length > 60 ? `${old.slice(0, 60)}…` : old} → ${text === '' ? 'dropped' : text} (at ${from})`;
        mutations.push({ change, expr: expr.slice(0, from) + text + expr.slice(to) });
      }
    },
  });
  return mutations;
}

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function replacements(node: SyntaxNode, expr: string): Replacement[] {
  const { name, from, to } = node;
  const onlyExistenceCounts = isMultipliedByZero(node, expr);
  const source = expr.slice(from, to);
  const become = (text: string): Replacement => ({ from, to, text });
  switch (name) {
    case 'NumberDurationLiteralInDurationContext':
      return onlyExistenceCounts ? [] : [become(scaleDuration(source, 0.5)), become(scaleDuration(source, 2))];
    case 'NumberDurationLiteral':
      return otherNumbers(Number(source)).map((number) => become(String(number)));
    case 'UnquotedLabelMatcher':
      return [...(onlyExistenceCounts ? [] : [withoutItem(node, expr)]), become(negated(source))];
    case 'LabelName':
      return node.parent?.name === 'GroupingLabels' ? [withoutItem(node, expr)] : [];
    case 'Identifier':
      return otherWindows(source).map(become);
    case 'BinaryExpr':
      return withoutOneSide(node, expr);
    default:
      return onlyExistenceCounts ? [] : (SWAPPED[name] ?? []).map(become);
  }
}

/** Within `0 * …`, which gives a zero where there is traffic: how much traffic makes no difference there. */
function isMultipliedByZero(node: SyntaxNode, expr: string): boolean {
  for (let child = node; child.parent !== null; child = child.parent) {
    const left = child.parent.getChild('Mul') === null ? null : child.parent.firstChild;
    if (left !== null && left.from !== child.from && expr.slice(left.from, left.to) === '0') return true;
  }
  return false;
}

/** A step of one for counts, a tenth for shares and seconds; 1 stands for "up" and 0 for "none". */
function otherNumbers(number: number): number[] {
  if (number === 0) return [1];
  if (number === 1) return [0, 1.2];
  if (Number.isInteger(number)) return [number - 1, number + 1];
  return [0.9, 1.05].map((factor) => Number((number * factor).toPrecision(4)));
}

function negated(matcher: string): string {
  return matcher.replace(
    /(!=|!~|=~|=)/,
    (operator) => ({ '!=': '=', '!~': '=~', '=~': '!~', '=': '!=' })[operator] ?? '',
  );
}

/** Of a list in braces or parentheses: the item and the comma beside it. */
function withoutItem({ from, to }: SyntaxNode, expr: string): Replacement {
  const after = /^\s*,\s*/.exec(expr.slice(to))?.[0].length ?? 0;
  const before = after > 0 ? 0 : (/,\s*$/.exec(expr.slice(0, from))?.[0].length ?? 0);
  return { from: from - before, to: to + after, text: '' };
}

/** The next longer or shorter window: the likeliest slip. */
function otherWindows(metric: string): string[] {
  const names = ERROR_RATIO_WINDOWS.map(RECORDED.errorRatio);
  const index = names.indexOf(metric);
  return index < 0 ? [] : [names[(index + 1) % names.length] ?? metric];
}

/** A condition without its guard: what `and`, `or` and `unless` join, taken alone. */
function withoutOneSide(node: SyntaxNode, expr: string): Replacement[] {
  const joined = ['And', 'Or', 'Unless'].some((operator) => node.getChild(operator) !== null);
  const { firstChild: left, lastChild: right } = node;
  if (!joined || left === null || right === null) return [];
  const { from, to } = node;
  return [left, right].map((side) => ({ from, to, text: expr.slice(side.from, side.to) }));
}
