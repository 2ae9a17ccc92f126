import { describe, expect, it } from 'vitest';
import { againHtml } from '../../src/pages/again.ts';
import { channelState } from '../../src/pages/channel-state.ts';
import { errorPage } from '../../src/pages/error-page.ts';
import { heatmap } from '../../src/pages/heatmap.ts';
import { hero, liveBar, pips, timeline } from '../../src/pages/hero.ts';
import { limitsForm } from '../../src/pages/limits-form.ts';
import { key, metricsHtml } from '../../src/pages/metrics-html.ts';
import { type OverviewEnvironment, overviewPage } from '../../src/pages/overview-page.ts';
import { type ReportPageInput, reportPage } from '../../src/pages/report-page.ts';
import { samplesTable } from '../../src/pages/samples-table.ts';
import { strip } from '../../src/pages/strip.ts';
import { frameOf } from '../../src/report/frame.ts';
import { markup, type Piece } from '../../src/report/markup.ts';
import { type Report, reportOf } from '../../src/report/report.ts';
import type { ReportedDeployment } from '../../src/report/wire.ts';
import { FINISHED_MS, type Levels, madeDeployment, NOW_MS, STEADY, TRIGGERED_MS, WORSE } from '../report/support.ts';

const textOf = (piece: Piece): string => markup`${piece}`.markup;

function made(levels: Levels = WORSE, more: Partial<ReportedDeployment> = {}, after = 5): Report {
  const { deployment, samples } = madeDeployment(levels, { after, more });
  return reportOf(deployment, NOW_MS, samples);
}

/** Two of five samples after are there, the verdict is still to come. */
function observing(more: Partial<ReportedDeployment> = {}): Report {
  const { deployment, samples } = madeDeployment(STEADY, { after: 2 });
  const due = new Date(FINISHED_MS + 300_000).toISOString();
  const open = { ...deployment, state: 'finished' as const, verdict: null, analyzed_at: null, verdict_due_at: due };
  return reportOf({ ...open, ...more }, FINISHED_MS + 100_000, samples);
}

const STYLES = '/ui/pages.css?v=x';

describe('the overview', () => {
  const environment = (env: string, last: Report | null, open: Report | null = null): OverviewEnvironment => ({
    projectId: 'p',
    project: 'checkout',
    env,
    verdicts: last === null ? [] : ['ok', 'rollback_recommended'],
    last,
    open,
  });
  const page = (environments: OverviewEnvironment[], more: object = {}) =>
    overviewPage({
      environments,
      isOnlyBad: false,
      isLarge: false,
      isCut: false,
      nowMs: NOW_MS,
      stylesheet: STYLES,
      publicUrl: 'https://pulse.example.com',
      ...more,
    });
  const wrong = { correct: false, note: null, given_at: new Date(NOW_MS).toISOString() };

  it('counts no alarm as bad that people called wrong, dims it and says so', () => {
    const html = page([environment('prod', made(WORSE, { feedback: wrong }))]);
    expect(html).toContain('Nothing got worse in one environment.');
    expect(html).toContain('<li class="calm">');
    expect(textOf(html)).toContain('marked wrong');
    const bad = page([environment('prod', made())]);
    expect(bad).toContain('The environment got worse.');
    expect(bad).not.toContain('<li class="calm">');
    expect(textOf(bad)).not.toContain('marked');
  });

  it('shows of many what is bad, what could not be judged and what is under way', () => {
    const all = [
      environment('bad', made()),
      environment('calm', made(STEADY)),
      environment('none', made(STEADY, {}, 0)),
      environment('now', made(STEADY), observing()),
    ];
    const html = page(all, { isLarge: true, isOnlyBad: true, nowMs: FINISHED_MS + 100_000 });
    for (const env of ['bad', 'none', 'now']) expect(html).toContain(`>${env}</a>`);
    expect(html).not.toContain('>calm</a>');
    expect(html).toMatch(/#128<\/b> being observed .*2 of 5 samples.*left/);
    expect(html).toContain('One deployment is being observed, its verdict is due 09:46.');
  });

  it('names five of each kind and counts the rest; says what it does not list, and what its bars mean', () => {
    const html = page(
      Array.from({ length: 7 }, (_, index) => environment(`e${index}`, made())),
      { isCut: true },
    );
    const lead = /<p class="lead">.*?<\/p>/.exec(html)?.[0] ?? '';
    expect(lead.match(/<a /g)).toHaveLength(5);
    expect(lead).toContain('and 2 more should be rolled back.');
    expect(html).toContain('These are the first 7 environments.');
    expect(html).toContain('The last 20 verdicts, newest on the right.');
  });

  it('has bars by height and word, and none for what was never judged', () => {
    const bars = textOf(strip(['ok', 'attention', 'rollback_recommended', 'insufficient_data']));
    expect(bars).toContain('oldest first: ok, attention, rollback, no data');
    expect([...bars.matchAll(/ height="(\d+)"\/>/g)].map(([, height]) => height)).toEqual(['5', '13', '24', '4']);
    expect(textOf(strip([]))).toContain('No verdicts yet');
  });
});

describe('the head of a report', () => {
  it('says where to look first, what would be misread without a word, and who built it', () => {
    const html = textOf(hero(made(WORSE, { pipeline_result: 'failed', pipeline_outcome: 'cancelled' })));
    expect(html).toMatch(/Look first at <a href="#m-latency_p95">p95 latency<\/a>: beyond its limit since/);
    expect(html).toContain('The pipeline itself was cancelled.');
    expect(html).toContain('<a href="https://ci.example.com/build/48213" rel="noreferrer">ci.example.com</a>');
  });

  it('draws what is still to come hollow', () => {
    expect(textOf(timeline(made()))).not.toContain('class="todo"');
    expect(textOf(timeline(observing())).match(/class="todo"/g)).toHaveLength(2);
  });

  it('says how far an observation is: boxes, or a bar where there are many; nothing once it is over', () => {
    expect(textOf(pips(2, 5)).match(/<rect/g)).toHaveLength(5);
    expect(textOf(pips(2, 9)).match(/<rect/g)).toHaveLength(2);
    expect(textOf(liveBar(observing()))).toContain('the verdict comes at 09:46');
    expect(textOf(liveBar(made()))).toBe('');
  });
});

describe('the heatmap', () => {
  const map = (reports: Report[]) =>
    textOf(
      heatmap({ reports, env: 'prod', nowMs: NOW_MS, metricHref: () => '#', fromHref: ({ number }) => `#${number}` }),
    );
  const icons = (html: string, name: string) => /<tbody>.*<\/tbody>/s.exec(html)?.[0].split(`"#${name}"`).length ?? 0;

  it('has a dot for what got worse by less than matters, and none for what got better', () => {
    const slower = { ...STEADY, latency_p95: [182, 215] as const };
    const faster = { ...STEADY, latency_p95: [182, 149] as const };
    const dots = (html: string) => ['d1', 'd2', 'd3'].reduce((sum, dot) => sum + icons(html, dot) - 1, 0);
    const row = (levels: Levels) => /p95 latency<\/th>.*?<\/tr>/s.exec(map([made(levels)]))?.[0] ?? '';
    expect(row(slower)).toMatch(/#d[123]/);
    expect(row(faster)).not.toMatch(/#d[123]/);
    expect(dots(map([made(slower)]))).toBeGreaterThan(0);
  });

  it('leaves the cells of what is under way empty, and says of what was not judged that it was not', () => {
    expect(map([observing()])).not.toContain('not judged');
    expect(map([made(STEADY, {}, 0)]).match(/<span class="vh">not judged/g)).toHaveLength(5);
  });

  it('has a number over what went wrong, upright where it is long; as wide as its columns where they are few', () => {
    expect(map([made()])).toMatch(/<a href="#128" aria-label="The list from #128 on">128<\/a>/);
    expect(map([made(WORSE, { number: 104_882 })])).toContain('class="up"');
    expect(map([made(STEADY)])).not.toContain('class="nr"');
    expect(map([made()])).toContain('class="heat few"');
    expect(map(Array.from({ length: 15 }, () => made(STEADY)))).toContain('class="heat"');
  });

  it('dates the first deployment of a day, where the date before has left room', () => {
    const on = (dayOfMonth: number) =>
      made(STEADY, { started_at: `2026-11-${dayOfMonth}T09:40:00Z`, finished_at: `2026-11-${dayOfMonth}T09:41:35Z` });
    const dates = (reports: Report[]) => [...map(reports).matchAll(/scope="colgroup" colspan="(\d)">([^<]*)</g)];
    expect(dates([on(20), on(21), on(22)]).map(([, columns, text]) => [columns, text])).toEqual([
      ['2', '20 Nov'],
      ['1', ''],
    ]);
  });
});

describe('the metrics', () => {
  it('are large where they failed, with certainty and what lies beyond; small elsewhere', () => {
    const report = made();
    const html = textOf(metricsHtml(report, frameOf(report)));
    expect(html.match(/class="plot big"/g)).toHaveLength(2);
    expect(html.match(/class="plot"/g)).toHaveLength(3);
    expect(html.match(/class="zone rb" x="[^"]+" width="[^"]+" y="[^"]+" height/g)).toHaveLength(4);
    expect(html).toContain('with 95 % certainty by');
    expect(html.match(/M0-4.6L4.6 0 0 4.6-4.6 0z/g)).toHaveLength(10);
    expect(html).toContain('>limit</text>');
  });

  it('are named by what matters while they are observed, and judged by no colour', () => {
    const report = observing({ limits: { latency_p95_growth: 0.35, latency_p95_rise_ms: 4 } });
    const html = textOf(metricsHtml(report, frameOf(report)));
    expect(html).toContain('>matters</text>');
    expect(html).not.toMatch(/class="zone/);
  });

  it('say both units where they differ, and where no sample holds a number', () => {
    const report = made({ ...WORSE, latency_p95: [48, 178_000] });
    expect(textOf(metricsHtml(report, frameOf(report)))).toMatch(
      /<span>4\d(\.\d)?\u00a0ms<\/span>.*<small>\u00a0?s<\/small>/,
    );
    const { deployment, samples } = madeDeployment(STEADY);
    const without = reportOf(
      deployment,
      NOW_MS,
      samples.map((sample) => ({ ...sample, cpu_usage: null })),
    );
    expect(textOf(metricsHtml(without, frameOf(without)))).toContain('No sample holds this number.');
  });

  it('have a key of what is there: what was not read only where something was not', () => {
    expect(textOf(key(made(STEADY, {}, 3)))).toContain('not read');
    expect(textOf(key(made(STEADY)))).not.toContain('not read');
  });

  it('mark where the axis is cut', () => {
    const finished = new Date(TRIGGERED_MS + 47 * 60_000).toISOString();
    const { deployment, samples } = madeDeployment(WORSE);
    const later = samples.map((sample) =>
      sample.phase === 'pre'
        ? sample
        : { ...sample, collected_at: new Date(Date.parse(sample.collected_at) + 45 * 60_000).toISOString() },
    );
    const report = reportOf({ ...deployment, finished_at: finished, observed_until: null }, NOW_MS, later);
    expect(textOf(metricsHtml(report, frameOf(report)))).toContain('class="brk"');
  });
});

it('the table of samples has a line between before and after', () => {
  expect(textOf(samplesTable(made())).match(/class="cut"/g)).toHaveLength(1);
});

it('judged again to the same it says so, and the form stays open with what was asked for', () => {
  const same = textOf(
    againHtml({ old: made(), again: made(), changed: [], link: '#', withoutHref: '#', curl: 'curl' }),
  );
  expect(same).toContain('The verdict would be the same.');
  expect(textOf(limitsForm({ action: '/', values: { errors: '5' }, faults: {}, isOpen: true }))).toMatch(
    /<details class="fold" open>.*name="errors"[^>]*value="5"/s,
  );
});

it('a refusal leads a stranger to the sign-in and an operator to the projects', () => {
  const page = (isOperator: boolean) =>
    errorPage({ title: 'Gone', detail: 'It is gone.', stylesheet: STYLES, isOperator });
  expect(page(false)).toContain('href="/ui/sign-in"');
  expect(page(true)).not.toContain('href="/ui/sign-in"');
  expect(page(true)).toContain('<a href="/">Projects</a>');
});

it('a report says beside its numbers what it was compared with and what was left out', () => {
  const { deployment, samples } = madeDeployment(WORSE);
  const baseline = {
    source: 'continuous' as const,
    from: '2026-11-28T09:25:30Z',
    until: '2026-11-28T09:39:30Z',
    samples: 15,
    good_since: { id: 'x', number: 120 },
    note: null,
  };
  const page = (from: string) => {
    const report = reportOf({ ...deployment, baseline: { ...baseline, from } }, NOW_MS, samples);
    const paths = { page: '/p', markdown: '/p.md', svg: '/p.svg', json: '/p.json' };
    const input: ReportPageInput = {
      report,
      viewer: 'operator',
      stylesheet: STYLES,
      projectHref: '/x',
      paths,
      signInHref: '/in',
      hrefOf: (id) => `/to/${id}`,
      failedReads: [],
      next: '',
      reloadSeconds: null,
      liveHref: null,
      limits: null,
      again: null,
      againRefused: null,
      feedbackAction: '/f',
      curl: 'curl',
    };
    return reportPage(input);
  };
  const html = page(baseline.from);
  expect(html).toContain('The 15 readings of 09:25 to 09:39, one a minute, from before this deployment.');
  expect(html).toContain('prod was in a good state since <a href="/to/x">#120</a>.');
  expect(html).toContain('Nothing: every sample counts.');
  // Of an hour with gaps that is not said.
  expect(page('2026-11-28T08:39:30Z')).toContain('The 15 readings of 08:39 to 09:39, from before this deployment.');
});

describe('how a notification stands', () => {
  const channel = { id: 'c', name: 'n', enabled: true, lastDeliveredAtMs: null, failingSinceMs: null, lastError: null };
  it.each([
    [{}, 'no', 'nothing was delivered yet'],
    [{ lastDeliveredAtMs: NOW_MS - 300_000 }, 'ok', 'delivered 5 min ago'],
    [
      { failingSinceMs: NOW_MS - 3_600_000, lastError: 'it answered 503' },
      'at',
      'failing since 1 h ago: it answered 503',
    ],
    [{ enabled: false, failingSinceMs: NOW_MS, lastError: 'gone' }, 'at', 'switched off, failing since just now: gone'],
    [{ enabled: false, lastDeliveredAtMs: NOW_MS }, 'no', 'switched off'],
  ] as const)('%j', (more, tone, text) => {
    expect(channelState({ ...channel, ...more }, NOW_MS)).toEqual({ tone, text });
  });
});
