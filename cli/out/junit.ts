import type { VerdictShape } from '../../client/verdict-types.ts';
import { metricReports } from '../../src/report/metric-report.ts';
import type { Outcome } from '../gate/outcome.ts';

/** XML 1.0 knows no control characters but these three, and no lone surrogates. */
const UNSPEAKABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * The gate as a test suite for the test tab of a CI: a case for each of the five numbers and one for the verdict. What
 * was not judged is skipped; an alarm fails only where the gate does.
 */
export function junitOf(outcome: Outcome): string {
  const { deployment, kind, reason } = outcome;
  const isFailed = outcome.exitCode !== 0;
  const found = outcome.isEarly === true ? deployment?.preliminary : deployment?.verdict;
  const metrics = metricReports(found?.details ?? []).map((metric) => {
    const body =
      metric.outcome === 'not-judged'
        ? `<skipped message="${xml(metric.proof)}"/>`
        : metric.severity !== 'none' && kind === 'failed'
          ? failure(metric.proof, metric.reason)
          : `<system-out>${xml(metric.reason)}</system-out>`;
    return testCase(metric.name, body);
  });
  const told = lines(deployment?.verdict ?? null) ?? reason;
  const gate = isFailed
    ? failure(reason, told)
    : kind === 'passed'
      ? `<system-out>${xml(told)}</system-out>`
      : `<skipped message="${xml(reason)}"/>`;
  const cases = [...metrics, testCase('verdict', gate)];
  const count = (what: string) => cases.filter((one) => one.includes(what)).length;
  const suite = deployment === null ? 'seqpulse' : `seqpulse ${deployment.project} ${deployment.env}`;
  const counts = `tests="${cases.length}" failures="${count('<failure ')}" errors="0" skipped="${count('<skipped ')}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite name="${xml(suite)}" ${counts}>
${cases.map((one) => `    ${one}`).join('\n')}
  </testsuite>
</testsuites>
`;
}

/** The engine's sentence, and what to look at first, a line each. */
function lines(verdict: VerdictShape | null): string | null {
  return verdict === null ? null : [verdict.summary, ...verdict.hints.map(({ text }) => text)].join('\n');
}

function testCase(name: string, body: string): string {
  return `<testcase classname="seqpulse" name="${xml(name)}" time="0">${body}</testcase>`;
}

function failure(message: string, text: string): string {
  return `<failure message="${xml(message)}" type="seqpulse">${xml(text)}</failure>`;
}

function xml(text: string): string {
  return text
    .replaceAll(UNSPEAKABLE, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
