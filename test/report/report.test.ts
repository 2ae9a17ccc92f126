import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { judgedEarly } from '../../src/report/early.ts';
import { markdownOf } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/report.ts';
import { subjectOf, textOf } from '../../src/report/text.ts';
import type { ReportedDeployment, ReportedVerdict } from '../../src/report/wire.ts';
import { FINISHED_MS, madeDeployment, NOW_MS, STEADY, WORSE } from './support.ts';

const reported = (levels = WORSE, options: Parameters<typeof madeDeployment>[1] = {}) => {
  const { deployment, samples } = madeDeployment(levels, options);
  return reportOf(deployment, NOW_MS, samples);
};

const OPEN: Partial<ReportedDeployment> = {
  state: 'finished',
  verdict: null,
  analyzed_at: null,
  verdict_due_at: new Date(FINISHED_MS + 300_000).toISOString(),
};

describe('a report', () => {
  test('says what happened first, then what it is worth and where to look', () => {
    const report = reported();
    expect(report.badge).toBe('Rollback recommended');
    expect(report.sentence).toBe('p95 latency rose from 182 ms to 581 ms and errors rose from 0.40 % to 2.10 %.');
    expect(report.worth).toBe(
      'Of twenty alarms like this about nineteen are right. Traffic, CPU and Memory did not get worse.',
    );
    expect(report.lookFirst?.text).toBe('beyond its limit since 09:41:35, the first sample after the deployment');
  });

  test('of an alarm that others may have caused says that it is right about the change, not about whose doing it was', () => {
    const { deployment, samples } = madeDeployment(WORSE);
    const others = { looked_at: 5, worse: 1, suspects: 1, since: null, lowered: true, projects: null };
    const verdict = { ...(deployment.verdict as ReportedVerdict), others };
    const { worth } = reportOf({ ...deployment, verdict }, NOW_MS, samples);
    expect(worth).toMatch(/about nineteen are right that it got worse; whose doing it was they do not know\. Traffic/);
  });

  test('puts what failed first, the strongest in front, with its proof and no second telling of the header', () => {
    const [latency, errors, ...passed] = reported().metrics;
    expect(latency).toMatchObject({ metric: 'latency_p95', outcome: 'failed', change: '+399 ms', factor: '×3.2' });
    expect(latency?.proof).toBe('5 of 5 samples above the limit, 248 ms.');
    expect(errors).toMatchObject({ metric: 'error_rate', matters: '+0.4 pts' });
    expect(passed.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed']);
  });

  test('shows a fall of traffic with its own sign', () => {
    const [traffic] = reported({ ...STEADY, requests_per_sec: [42.4, 6] }).metrics;
    expect(traffic).toMatchObject({ metric: 'requests_per_sec', outcome: 'failed' });
    expect(traffic?.change).toMatch(/^−\d/);
    expect(traffic?.matters).toMatch(/^−\d/);
    expect(traffic?.proof).toMatch(/below the limit/);
    expect(traffic?.numbers.change).toBeGreaterThan(0);
  });

  test('of a calm deployment says that nothing got worse, and no list of what did not', () => {
    const report = reported(STEADY);
    expect(report).toMatchObject({ badge: 'OK', sentence: 'Nothing got worse.', lookFirst: null });
    expect(report.worth).toBe('Of a hundred all-clears like this about 99 are right.');
  });

  test('without samples after is no judgement, and shows what was read before', () => {
    const report = reported(WORSE, { after: 0 });
    expect(report.sentence).toBe('Not judged: no sample could be read after the deployment.');
    expect(report.worth).toBe('This says nothing about the deployment itself, neither good nor bad.');
    expect(report.metrics.every(({ outcome, before, after }) => outcome === 'not-judged' && before && !after)).toBe(
      true,
    );
  });

  test('while it is observed tells how far it is, and judges nothing', () => {
    const report = reported(WORSE, { after: 2, more: OPEN });
    expect(report.sentence).toBe('2 of 5 samples so far, verdict due 09:46.');
    expect(report.badge).toBe('Being observed');
    expect(report.metrics.every(({ outcome, matters }) => outcome === 'open' && matters === null)).toBe(true);
    expect(report.steps.map(({ isDone }) => isDone)).toEqual([true, true, false, false]);
  });

  test('of an early verdict says that it is early, and what became of it', () => {
    const summary = 'Early, on 2 of 5 samples: Error rate rose from 0.40% to 20.00%.';
    const early = (outcome: 'confirmed' | 'withdrawn' | null, more: Partial<ReportedDeployment> = {}) =>
      reported(STEADY, {
        more: { ...more, preliminary: { minute: 1, confidence: 0.97, summary, details: [], outcome } },
      });
    const open = early(null, OPEN);
    expect(judgedEarly({ preliminary: null, verdict: null } as ReportedDeployment)).toBeNull();
    expect(open.notes).toEqual([`A rollback is recommended before the window is over, 1 min after finish. ${summary}`]);
    expect(open.badge).not.toMatch(/rollback/i);
    expect(markdownOf(open)).toContain('A rollback is recommended before the window is over');
    expect(textOf(open)).toContain('A rollback is recommended before the window is over');
    expect(early('confirmed').notes).toEqual([
      'A rollback was recommended early, 1 min after finish, and the verdict confirms it.',
    ]);
    expect(early('withdrawn').notes).toEqual([
      'A rollback was recommended early, 1 min after finish; the verdict withdraws it.',
    ]);
    expect(early(null).notes).toEqual([
      'A rollback was recommended early, 1 min after finish; the verdict neither confirms nor withdraws it.',
    ]);
  });

  test('of superseded, abandoned and failed pipelines says that, as a note and never as a verdict', () => {
    const superseded = reported(STEADY, { more: { superseded_by: 'x' } });
    expect(superseded.notes).toEqual([
      'A newer deployment started here before the window was over: judged on five of five samples.',
    ]);
    const failed = reported(STEADY, { more: { pipeline_result: 'failed', pipeline_outcome: 'cancelled' } });
    expect(failed.notes).toEqual(['The pipeline itself was cancelled. That is no evidence about the five numbers.']);
    expect(failed.steps[1]?.label).toBe('Pipeline failed');
    const abandoned = reported(STEADY, {
      more: { ...OPEN, state: 'abandoned', verdict_due_at: null, finished_at: null },
    });
    expect(abandoned).toMatchObject({
      tone: 'abandoned',
      sentence: 'Not judged: the pipeline never said that it had finished.',
    });
  });

  test.each([
    '3 of 5 samples after are missing',
    '3 of 5 samples after are missing; left out: 2 after (read within 30 s of the one before)',
    '3 of 5 samples after are missing; left out: 2 after (late), 1 before (of another endpoint); one sample before',
  ])('says why nothing is judged without the engine’s notes: %s', (notes) => {
    const why = 'there is 1 usable sample from after the deployment and 3 are needed';
    const { deployment } = madeDeployment(STEADY, { after: 2 });
    const summary = `Not judged: ${why} (${notes}).`;
    const verdict = { ...deployment.verdict, verdict: 'insufficient_data', confidence: 0, summary } as ReportedVerdict;
    expect(reportOf({ ...deployment, verdict }, NOW_MS).sentence).toBe(`Not judged: ${why}.`);
  });

  test('takes an answer of an older service, which has less', () => {
    const { deployment } = madeDeployment(WORSE);
    const {
      id,
      number,
      project,
      env,
      branch,
      state,
      pipeline_result,
      started_at,
      finished_at,
      analyzed_at,
      superseded_by,
    } = deployment;
    const details = (deployment.verdict?.details ?? []).map(({ evidence: _, ...rest }) => rest);
    const verdict = { verdict: 'rollback_recommended', confidence: 0.9, summary: 'x', details } as const;
    const report = reportOf(
      {
        id,
        number,
        project,
        env,
        branch,
        state,
        pipeline_result,
        started_at,
        finished_at,
        analyzed_at,
        superseded_by,
        verdict,
      },
      NOW_MS,
    );
    expect(report.sentence).toMatch(/p95 latency rose from 182 ms/);
    expect(textOf(report)).toContain('182 ms → 581 ms');
  });
});

describe('as Markdown', () => {
  test('is a heading, the proof and a table of five', () => {
    const text = markdownOf(reported());
    expect(text).toContain('### ✖ Rollback recommended: checkout #128 in prod');
    expect(text).toContain('| **✖ p95 latency** | **182 ms → 581 ms** | +399 ms | +344 to +460 ms | +65.6 ms |');
    expect(text.match(/^\| /gm)).toHaveLength(6);
  });

  test('keeps hostile names text', () => {
    const hostile = '<script>alert(1)</script> | `x` @everyone [a](javascript:b) \u202egnp.exe\nnext';
    const text = markdownOf(
      reported(WORSE, {
        more: {
          project: hostile,
          branch: '`` | <b>',
          version: hostile,
          actor: '@team',
          build_url: 'javascript:alert(1)',
        },
      }),
    );
    const html = marked.parse(text, { async: false });
    const tags = new Set([...html.matchAll(/<\/?(\w+)/g)].map((match) => match[1]));
    expect([...tags].sort().join(' ')).toBe('code h3 p strong table tbody td th thead tr');
    expect(html.replace(/<code>.*?<\/code>/g, '')).not.toMatch(/@(everyone|team)/);
    expect(html).not.toContain('\u202e');
    expect(text.split('\n').filter((line) => line.startsWith('next'))).toEqual([]);
  });
});

describe('as text', () => {
  test('has a line a metric, in columns', () => {
    const lines = textOf(reported()).split('\n');
    expect(lines).toContain('✖ p95 latency  182 ms → 581 ms  +399 ms (+344 to +460 ms), matters from +65.6 ms');
  });

  test('its subject is one line, whatever the names', () => {
    const subject = subjectOf(reported(WORSE, { more: { project: 'a\r\nBcc: x', env: 'prod' } }));
    expect(subject).toMatch(/^Rollback: a Bcc: x #128 in prod: p95 latency rose/);
    expect(subject).not.toMatch(/[\r\n]/);
  });
});
