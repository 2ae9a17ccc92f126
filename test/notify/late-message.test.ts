import { expect, test } from 'vitest';
import { renderMail } from '../../src/notify/channels/render-mail.ts';
import { renderWebhook } from '../../src/notify/channels/webhook.ts';
import { messageOfDeployment } from '../../src/notify/message.ts';
import { madeDeployment, STEADY, TRIGGERED_MS } from '../report/support.ts';

const SUMMARY =
  'An hour later: Error rate was 2.10 % over the last half hour, 0.40 % before; in the day before the deployment no half hour was above 0.55 %.';

/** A deployment that was `ok`, and a look an hour later that found more errors. */
function wasOk() {
  const { deployment, samples } = madeDeployment(STEADY);
  const [details = []] = [deployment.verdict?.details];
  const worse = details.map((finding) =>
    finding.metric === 'error_rate'
      ? { ...finding, baseline: 0.004, observed: 0.021, severity: 'attention' as const, reason: SUMMARY }
      : finding,
  );
  const check = {
    hours: 1,
    at: '2026-11-28T10:47:36Z',
    verdict: 'attention',
    confidence: 0.95,
    summary: SUMMARY,
  } as const;
  return { deployment: { ...deployment, late_checks: [{ ...check, details: worse }] }, samples };
}

test('what turned out worse later is told as that, with the metric that did and the verdict as it was', () => {
  const told = wasOk();
  const occurredAt = new Date(TRIGGERED_MS + 4_000_000);
  const place = { project: { id: 'p', name: 'checkout' }, env: 'prod' };
  const message = messageOfDeployment({ event: 'late_attention', facts: {}, occurredAt }, place, told);
  expect(message).toMatchObject({
    type: 'deployment.late_check',
    title: 'Worse since its verdict: checkout #128 in prod',
    sentence: 'Errors rose from 0.40 % to 2.10 %.',
    notes: expect.arrayContaining([`Worse since the verdict. ${SUMMARY}`]),
    facts: [{ name: expect.stringMatching(/^Error/i), text: expect.stringContaining('0.40 % → 2.10 %') }],
  });
  expect(renderMail(message).subject).toMatch(/^Worse since its verdict: checkout #128 in prod/);
  expect(JSON.parse(renderWebhook(message)).data.deployment.verdict.verdict).toBe('ok');
});
