import { expect, test } from 'vitest';
import { EVENTS } from '../../src/model/notification.ts';
import { eventsOfVerdict } from '../../src/model/verdict-events.ts';
import { renderMail } from '../../src/notify/channels/render-mail.ts';
import { renderSlack } from '../../src/notify/channels/slack.ts';
import { renderWebhook } from '../../src/notify/channels/webhook.ts';
import type { Message } from '../../src/notify/message.ts';
import { nextAttemptAt, RETRY_DELAYS_SECONDS } from '../../src/notify/retry.ts';

const message: Message = {
  event: 'rollback_recommended',
  type: 'deployment.verdict',
  occurredAt: new Date('2026-05-04T10:07:12Z'),
  title: 'Rollback: checkout #128 in prod',
  sentence: 'p95 latency rose from 182 ms to 583 ms.',
  facts: [{ name: 'p95 latency', text: '182 ms → 583 ms (+401 ms)' }],
  notes: ['Look first at p95 latency: beyond its limit since 10:02:12, the first sample after the deployment (UTC).'],
  origin: ['2.4.1', '0123456789ab', 'main', 'deploy bot'],
  links: [
    { label: 'Report', url: 'https://seqpulse.example/ui/deployments/1' },
    { label: 'Build', url: 'https://ci.example/1?a=1&b=2' },
  ],
  data: { env: 'prod' },
};
/** As a branch, a project or an actor may be called. */
const HOSTILE = `<!channel> <script>alert("1")</script> & 'x'\r\nBcc: all@example.com \u202eevil ${'😀'.repeat(3_000)}`;
const hostile: Message = {
  ...message,
  title: HOSTILE,
  sentence: HOSTILE,
  facts: Array.from({ length: 30 }, () => ({ name: HOSTILE, text: HOSTILE })),
  notes: [HOSTILE],
  origin: [HOSTILE],
};

interface Block {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly { readonly text?: unknown; readonly url?: string }[];
}

test('Slack gets header, sentence, failing metrics, where to look, origin and two buttons', () => {
  const { text, blocks } = JSON.parse(renderSlack(message)) as { text: string; blocks: Block[] };
  expect(text).toBe('Rollback: checkout #128 in prod: p95 latency rose from 182 ms to 583 ms.');
  expect(blocks.map(({ type }) => type)).toEqual(['header', 'section', 'section', 'section', 'context', 'actions']);
  expect(blocks[0]?.text?.text).toBe('Rollback: checkout #128 in prod');
  expect(blocks[2]?.fields?.[0]?.text).toBe('*p95 latency*\n182 ms → 583 ms (+401 ms)');
  expect(JSON.stringify(blocks[4])).toContain('2.4.1 · 0123456789ab · main · deploy bot');
  expect(blocks[5]?.elements?.map(({ url }) => url)).toEqual(message.links.map(({ url }) => url));
});

test('what somebody called a branch calls nobody in Slack, and keeps to its limits', () => {
  const text = renderSlack(hostile);
  const { blocks } = JSON.parse(text) as { blocks: Block[] };
  expect(text).not.toMatch(/<!|<script/);
  expect(text.isWellFormed()).toBe(true);
  const texts = blocks.flatMap(({ text, fields = [] }) => [...(text === undefined ? [] : [text]), ...fields]);
  expect(Math.max(...texts.map(({ text }) => text.length))).toBeLessThanOrEqual(3_000);
  expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
  for (const { fields = [] } of blocks) expect(fields.length).toBeLessThanOrEqual(10);
  // Cut in the middle of an escape it would show as half of one.
  expect(texts.filter(({ text }) => /&[a-z]*…$/.test(text))).toEqual([]);
});

test('a mail says the sentence in its subject, and the same as text and as HTML', () => {
  const { subject, text, html } = renderMail(message);
  expect(subject).toBe('Rollback: checkout #128 in prod: p95 latency rose from 182 ms to 583 ms');
  expect(text).toContain('p95 latency: 182 ms → 583 ms (+401 ms)\n\nLook first at p95 latency');
  expect(text).toContain('Report: https://seqpulse.example/ui/deployments/1');
  expect(html).toContain('href="https://ci.example/1?a=1&amp;b=2"');
});

test('a hostile name is text in a mail, and no header of its own', () => {
  const { subject, html } = renderMail(hostile);
  expect(subject).not.toMatch(/[\r\n]/);
  expect(subject.length).toBeLessThanOrEqual(200);
  expect(subject.isWellFormed()).toBe(true);
  expect(html).not.toMatch(/<script|<!channel/);
});

test('a webhook is one line of JSON with its type and its time', () => {
  expect(JSON.parse(renderWebhook(message))).toEqual({
    type: 'deployment.verdict',
    timestamp: '2026-05-04T10:07:12.000Z',
    data: { event: 'rollback_recommended', title: message.title, text: message.sentence, env: 'prod' },
  });
});

test('tries are spread over a day, later where the receiver asks, and end', () => {
  let nowMs = 0;
  for (let attempts = 0; ; attempts += 1) {
    const next = nextAttemptAt(attempts, nowMs, null);
    if (next === null) break;
    nowMs = next;
  }
  expect(nowMs / 3_600_000).toBeGreaterThan(23);
  expect(nowMs / 3_600_000).toBeLessThan(27);
  expect(nextAttemptAt(0, 0, 60)).toBe(60_000);
  expect(nextAttemptAt(0, 0, 1_000_000)).toBe(3_600_000);
  expect(nextAttemptAt(RETRY_DELAYS_SECONDS.length, 0, null)).toBeNull();
});

test.each([
  ['ok', false, ['ok'], { state: 'good', changed: false }],
  ['ok', true, ['ok', 'environment_recovered'], { state: 'good', changed: true }],
  ['attention', false, ['attention', 'environment_bad'], { state: 'bad', changed: true }],
  ['rollback_recommended', true, ['rollback_recommended'], { state: 'bad', changed: false }],
  ['insufficient_data', true, ['insufficient_data'], { state: 'bad', changed: false }],
] as const)('%s in an environment that was bad: %s', (verdict, wasBad, events, environment) => {
  expect(eventsOfVerdict(verdict, wasBad, false)).toEqual({ events, environment });
  expect(EVENTS).toEqual(expect.arrayContaining([...events]));
});

test.each([
  ['rollback_recommended', []],
  ['attention', ['early_not_confirmed']],
  ['ok', ['early_not_confirmed']],
  ['insufficient_data', ['early_not_confirmed']],
] as const)('%s after an early rollback', (verdict, more) => {
  const { events } = eventsOfVerdict(verdict, verdict !== 'ok', true);
  expect(events).toEqual([verdict, ...more]);
});
