import { describe, expect, test } from 'vitest';
import type { Judgement, VerdictName } from '../../src/verdict/types.ts';
import { type Story, told, VARIANTS } from './story.ts';

/** What the engine said of situations that users live in; each is told with a dozen noises. */

const IDLE = { requests_per_sec: 0, latency_p95: 0, error_rate: 0, cpu_usage: 0.02, memory_usage: 0.2 };
const LOADED = { cpu_usage: 0.31, memory_usage: 0.4 };

function verdicts(judgements: readonly Judgement[]): Partial<Record<VerdictName, number>> {
  const counts: Partial<Record<VerdictName, number>> = {};
  for (const { verdict } of judgements) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

/** All variants say one verdict, and the first says this. */
function expectAll(story: Story, verdict: VerdictName, sentence: RegExp): void {
  const judgements = told(story);
  expect(verdicts(judgements)).toEqual({ [verdict]: VARIANTS });
  expect(judgements[0]?.summary).toMatch(sentence);
}

const stopsFrom = (perSecond: number, after: Story['minute'] = () => IDLE): Story['minute'] => {
  return (minute) => (minute < 0 ? { requests_per_sec: perSecond } : after(minute));
};

describe('1. requests that stop', () => {
  test('of .8 a second: a rollback, with and without a baseline', () => {
    const sentence = /the requests stopped: 0\.8\d\/s before, none now; 5 of 5 samples below 0\.\d\d\/s/;
    expectAll({ minute: stopsFrom(0.8) }, 'rollback_recommended', sentence);
    expectAll({ before: 5, minute: stopsFrom(0.8) }, 'rollback_recommended', sentence);
  });

  test('of twenty a second', () => {
    expectAll({ minute: stopsFrom(20) }, 'rollback_recommended', /the requests stopped: 20\.\d\/s before, none now/);
  });

  test('of three a minute, with fifteen samples before', () => {
    const sentence = /the requests stopped: \d\.\d\d\/min before, none now/;
    expectAll({ minute: stopsFrom(0.05) }, 'rollback_recommended', sentence);
  });

  test.each([
    ['three a minute, five samples before', { before: 5, minute: stopsFrom(0.05) }],
    ['three a minute, one sample before', { before: 1, minute: stopsFrom(0.05) }],
    ['one a minute', { minute: stopsFrom(1 / 60) }],
    ['one in ten minutes', { minute: stopsFrom(1 / 600) }],
    [
      'a burst every ten minutes',
      { minute: (m: number) => ({ requests_per_sec: m < 0 && (m + 20) % 10 === 3 ? 1.5 : 0 }) },
    ],
    ['a burst every second minute', { minute: (m: number) => ({ requests_per_sec: m < 0 && m % 2 !== 0 ? 1.5 : 0 }) }],
    ['in the middle of the window', { minute: (m: number) => (m < 2 ? { requests_per_sec: 0.8 } : IDLE) }],
    ['idle before as well', { minute: () => IDLE }],
  ] satisfies [string, Story][])('%s: never ok', (_which, story) => {
    expect(verdicts(told(story)).ok).toBeUndefined();
  });

  test('where chance can’t be told from an outage the sentence says so', () => {
    const story: Story = { isNoisy: false, minute: (m) => ({ requests_per_sec: m === -7 ? 1.5 : 0 }) };
    expectAll(
      story,
      'insufficient_data',
      /^Not judged: no request came after the deployment; they came only now and then/,
    );
    expectAll({ minute: () => IDLE }, 'insufficient_data', /no request came before or after the deployment/);
  });

  test('in the middle of the window they are found at .8 a second', () => {
    const minute = (m: number) => (m < 2 ? { requests_per_sec: 0.8 } : IDLE);
    expectAll({ minute }, 'rollback_recommended', /the requests stopped: 0\.8\d\/s before, none now; 3 of 5 samples/);
  });
});

describe('2. what changed was the deployment, not the service', () => {
  const halved = (m: number) => (m < 0 ? {} : { requests_per_sec: 10, cpu_usage: 0.16 });

  test.each([
    ['blue/green', { minute: (m: number) => (m < 0 ? IDLE : LOADED) }],
    ['blue/green, five samples before', { before: 5, minute: (m: number) => (m < 0 ? IDLE : LOADED) }],
    ['blue/green at 2/s', { minute: (m: number) => (m < 0 ? IDLE : { ...LOADED, requests_per_sec: 2 }) }],
    ['scaled in 6 → 2', { minute: (m: number) => (m < 0 ? {} : { requests_per_sec: 60, cpu_usage: 0.85 }) }],
    ['scaled out 2 → 4', { minute: halved }],
    ['scaled out 2 → 4, as CI said', { minute: halved, more: { facts: { instances: { before: 2, after: 4 } } } }],
    [
      'scaled out 1 → 8, as CI said',
      {
        minute: (m: number) => (m < 0 ? {} : { requests_per_sec: 2.5, cpu_usage: 0.06 }),
        more: { facts: { instances: { before: 1, after: 8 } } },
      },
    ],
    [
      'a planned share of a tenth',
      {
        minute: (m: number) => (m < 0 ? {} : { requests_per_sec: 2, cpu_usage: 0.05 }),
        more: { facts: { trafficShare: 0.1 } },
      },
    ],
    [
      'an old instance drained as planned',
      { minute: (m: number) => (m < 0 ? {} : IDLE), more: { facts: { trafficShare: 0 } } },
    ],
    ['CPU served only now', { minute: (m: number) => ({ cpu_usage: m < 0 ? 0 : 0.4 }) }],
    ['p95 served only now', { isNoisy: false, minute: (m: number) => ({ latency_p95: m < 0 ? 0 : 40 }) }],
    [
      'a batch job takes CPU and memory',
      { minute: (m: number) => (m < 0 ? {} : { cpu_usage: 0.9, memory_usage: 0.7 }) },
    ],
  ] satisfies [string, Story][])('%s: never a rollback', (_which, story) => {
    expect(verdicts(told(story)).rollback_recommended).toBeUndefined();
  });

  test('idle before and serving after has its sentence', () => {
    const minute = (m: number) => (m < 0 ? IDLE : LOADED);
    expectAll(
      { minute },
      'ok',
      /^Judged on 1 of 5 metrics, .*: nothing got worse \(what is read was idle before and serves 20\.\d\/s now\)\.$/,
    );
  });

  test('errors are judged in it as ever', () => {
    const minute = (m: number) => (m < 0 ? IDLE : { ...LOADED, error_rate: 0.2 });
    expectAll(
      { minute },
      'rollback_recommended',
      /19\.\d % of the requests fail, and none came before to compare with/,
    );
  });

  test('a fall of traffic alone names both explanations', () => {
    expectAll({ minute: halved }, 'attention', /either requests are lost, or more instances share them/);
  });

  test('what CI said is expected, and what falls below it is found', () => {
    const facts = { instances: { before: 2, after: 4 } };
    expectAll(
      { minute: halved, more: { facts } },
      'ok',
      /traffic is expected to be shared by 4 instances instead of 2/,
    );
    const lost = (m: number) => (m < 0 ? {} : { requests_per_sec: 5 });
    expectAll(
      { minute: lost, more: { facts } },
      'attention',
      /^Traffic fell from 20\.\d\/s to [45]\.\d\/s where 10\.\d\/s were expected/,
    );
    expectAll({ minute: stopsFrom(20), more: { facts } }, 'rollback_recommended', /the requests stopped/);
  });

  test('drained as planned nothing is known', () => {
    const story = { minute: stopsFrom(20), more: { facts: { trafficShare: 0 } } };
    expectAll(story, 'insufficient_data', /no request came after the deployment, as was planned/);
  });

  test('a fall to a fifth is a rollback, whatever it may be', () => {
    const minute = (m: number) => (m < 0 ? {} : { requests_per_sec: 4 });
    expectAll({ minute }, 'rollback_recommended', /^Traffic fell|^The requests nearly stopped/);
  });
});

test('3. where no request came before, a few failures are no rollback', () => {
  const minute = (m: number) => (m < 0 ? IDLE : { ...IDLE, requests_per_sec: 0.07, latency_p95: 80, error_rate: 0.05 });
  const judgements = told({ minute });
  expect(verdicts(judgements).rollback_recommended).toBeUndefined();
});

describe('4. errors have relative limits too', () => {
  const errors = (rps: number, before: number, after: number): Story => ({
    minute: (m) => ({ requests_per_sec: rps, error_rate: m < 0 ? before : after }),
  });

  test('.01 → .35 % at 500/s asks for attention', () => {
    expectAll(
      errors(500, 0.0001, 0.0035),
      'attention',
      /^Error rate rose from 0\.01 % to 0\.\d\d % \(\+0\.\d\d points, ×\d\d\)/,
    );
  });

  test('a rise below every limit is told', () => {
    const sentence =
      /^Nothing got worse by as much as matters: error rate rose from 0\.\d\d % to 0\.\d\d %, under ×3 and under 0\.40 points\.$/;
    expectAll(errors(500, 0.002, 0.0035), 'ok', sentence);
    for (const { verdict, summary } of told(errors(50, 0.005, 0.0085))) {
      if (verdict === 'ok') expect(summary).toContain('error rate rose from');
    }
  });

  test('fewer than twenty failures are too few for it, and none of it is said where nothing rose', () => {
    expect(verdicts(told(errors(5, 0.0001, 0.002))).attention ?? 0).toBeLessThanOrEqual(1);
    expectAll(errors(500, 0.002, 0.002), 'ok', /^Nothing got worse\.$/);
  });
});

describe('6. ramps that were going on before', () => {
  const ramp = (perMinute: number) => (m: number) => ({ requests_per_sec: 20 * Math.exp(perMinute * (m + 15)) });

  test('a night ramp of −7 % a minute is ok', () => {
    expectAll({ minute: ramp(-0.07) }, 'ok', /^Nothing got worse\.$/);
  });

  test('a morning ramp is ok, and a loss of 30 % that it hides is seen', () => {
    expectAll({ minute: ramp(0.07) }, 'ok', /^Nothing got worse\.$/);
    expectAll(
      { minute: (m) => ({ requests_per_sec: ramp(0.07)(m).requests_per_sec * (m < 0 ? 1 : 0.7) }) },
      'attention',
      /^Traffic broke off its rise: 33\.\d\/s before, \d\d\.\d\/s after where \d\d\.\d\/s were expected/,
    );
    for (const steep of [0.05, 0.1]) {
      const lossy = told({
        minute: (m) => ({ requests_per_sec: ramp(steep)(m).requests_per_sec * (m < 0 ? 1 : 0.7) }),
      });
      expect(verdicts(lossy)).toEqual({ attention: VARIANTS });
    }
  });

  test.each([0.03, 0.05, 0.07, 0.1])('a rise of %f a minute that ends with the deployment is ok', (perMinute) => {
    const ends = (m: number) => ramp(perMinute)(Math.min(m, -1));
    const turns = (m: number) => ramp(perMinute)(m < 0 ? m : -1 - m / 4);
    expectAll({ minute: ends }, 'ok', /^Nothing got worse/);
    expectAll({ after: 15, minute: turns }, 'ok', /^Nothing got worse/);
  });

  test('a leak that was there before is not the deployment’s', () => {
    expect(verdicts(told({ after: 15, minute: (m) => ({ memory_usage: 0.6 + 0.01 * m }) }))).toEqual({ ok: VARIANTS });
  });
});

test('7. what was not judged is said first, and lowers the confidence', () => {
  const minute = (m: number) => ({ requests_per_sec: 1 / 60, latency_p95: m < 0 ? 40 : 400 });
  for (const { verdict, summary, confidence } of told({ minute })) {
    if (verdict !== 'ok') continue;
    expect(summary).toMatch(/^Judged on \d of 5 metrics, without .*latency/);
    expect(confidence).toBeLessThanOrEqual(0.98);
  }
  const blueGreen = told({ minute: (m) => (m < 0 ? IDLE : LOADED) });
  for (const { confidence } of blueGreen) expect(confidence).toBeLessThanOrEqual(0.95);
});

test('8. a cache that fills and a leak are told apart', () => {
  const leak = (m: number) => ({ memory_usage: m < 0 ? 0.5 : 0.5 + 0.01 * m });
  const cache = (m: number) => ({ memory_usage: m < 0 ? 0.5 : 0.62 - 0.32 * Math.exp(-(m + 1) / 3) });
  expectAll(
    { after: 15, minute: leak },
    'attention',
    /^Memory climbed steadily by 1\d\.\d points to 6\d\.\d %, past 50\.\d % before, as a leak does/,
  );
  expectAll(
    { after: 15, minute: cache },
    'attention',
    /^Memory climbed ever more slowly .*; a cache that fills does that too\./,
  );
  expect(told({ after: 15, minute: cache })[0]?.confidence).toBeLessThan(
    told({ after: 15, minute: leak })[0]?.confidence ?? 0,
  );
});

describe('usages near their ceiling', () => {
  test('memory 99.5 → 100 % asks for attention', () => {
    const minute = (m: number) => ({ memory_usage: m < 0 ? 0.995 : 1 });
    expectAll({ minute }, 'attention', /^Memory rose from 99\.\d % to 100\.0 %/);
  });

  test('CPU 93 → 100 % too; standing high does not', () => {
    expect(verdicts(told({ minute: (m) => ({ cpu_usage: m < 0 ? 0.93 : 1 }) })).ok).toBeUndefined();
    expect(verdicts(told({ minute: () => ({ memory_usage: 0.97, cpu_usage: 0.95 }) })).ok).toBe(VARIANTS);
  });
});

describe('5. sentences', () => {
  const everything: Story[] = [
    { minute: stopsFrom(0.8) },
    { minute: (m) => (m < 0 ? IDLE : LOADED) },
    { minute: (m) => (m < 0 ? {} : { latency_p95: 590, error_rate: 0.021, memory_usage: 0.6 }) },
    { minute: (m) => ({ latency_p95: m < 0 ? 120 : 150 }) },
    { minute: (m) => ({ requests_per_sec: m < 0 ? 1.4e6 : 4e5, latency_p95: m < 0 ? 600 : 120_000 }) },
    { minute: (m) => ({ requests_per_sec: m < 0 ? 1e30 : 1e12 }) },
    { minute: (m) => ({ error_rate: m < 0 ? 0.002 : 0.9, cpu_usage: m < 0 ? 0.3 : 0.99 }) },
  ];

  test('no exponents, no number that is none, no percentage above 100 or below 0', () => {
    for (const story of everything) {
      for (const { summary, details } of told(story)) {
        for (const sentence of [summary, ...details.map((detail) => detail.reason)]) {
          expect(sentence).not.toMatch(/\de[+-]?\d|NaN|Infinity|undefined|null/);
          for (const [, share] of sentence.matchAll(/([−\d.]+) %/g)) {
            expect(Number(share?.replace('−', '-'))).toBeGreaterThanOrEqual(0);
            expect(Number(share)).toBeLessThanOrEqual(100);
          }
        }
      }
    }
  });

  test('intervals stay inside what is possible', () => {
    for (const story of everything) {
      for (const { metric, baseline, observed, evidence } of told(story).flatMap((one) => one.details)) {
        if (evidence.interval === null || baseline === null || observed === null) continue;
        const from = evidence.expected ?? baseline;
        const most = metric === 'latency_p95' || metric === 'requests_per_sec' ? Number.POSITIVE_INFINITY : 1;
        const [low, high] = metric === 'requests_per_sec' ? [from - most, from] : [-from, most - from];
        const dust = 1e-9 * Math.max(1, Math.abs(from));
        expect(evidence.interval.low).toBeGreaterThanOrEqual(Math.min(low, evidence.change ?? low) - dust);
        expect(evidence.interval.high).toBeLessThanOrEqual(Math.max(high, evidence.change ?? high) + dust);
      }
    }
  });

  test('the numbers of a pair share unit and decimals', () => {
    const pairs = everything
      .flatMap((story) => told(story))
      .flatMap((one) => [...one.summary.matchAll(/from (\d+)(\.\d+)? ?(\S+) to (\d+)(\.\d+)? ?([^\s,]+)/g)]);
    expect(pairs.length).toBeGreaterThan(10);
    for (const [, whole, decimals, unit, , otherDecimals, otherUnit] of pairs) {
      expect(unit).toBe(otherUnit);
      if (whole !== '0' || decimals !== undefined) expect(decimals?.length).toBe(otherDecimals?.length);
    }
  });

  test('a level below the limit is told with the level at which it would count', () => {
    const [first] = told({ minute: (m) => ({ latency_p95: m < 0 ? 120 : 135 }) });
    const reason = first?.details.find((detail) => detail.metric === 'latency_p95')?.reason;
    expect(reason).toMatch(/^p95 latency: 12\d ms before, 1\d\d ms after; a rise counts from 1[67]\d ms on\.$/);
  });
});
