import { type Markup, markup } from '../report/markup.ts';

/** What an installation without a project shows: the way to the first verdict. */
export function firstSteps(url: string): Markup {
  const step = (title: string, text: string, command: string) =>
    markup`<li><h2>${title}</h2><p>${text}</p><pre class="cmd" tabindex="0"><code>${command}</code></pre></li>`;
  return markup`<div class="head"><h1>No project yet. Three commands to the first verdict.</h1><p class="lead">One click selects a whole command.</p></div><ol class="steps">${step(
    'Create a project',
    'With your own name and address: SeqPulse reads five numbers there before and after each deployment. The answer holds the API key, shown this once.',
    `curl -X POST ${url}/projects \\\n  -H "Authorization: Bearer $SEQPULSE_ADMIN_TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '{"name":"checkout","metrics_endpoint":"https://checkout.example.com/metrics/seqpulse"}'`,
  )}${step(
    'See that the numbers arrive',
    'Reads the source once and shows the five numbers, or the setting to change.',
    `export SEQPULSE_URL=${url} SEQPULSE_API_KEY=SP_from_step_1\nseqpulse check`,
  )}${step(
    'Wrap your deployment',
    'In CI, around the command that deploys. Five minutes after it has ended the verdict is here, and the job passes or fails with it.',
    'seqpulse run --env prod -- ./deploy.sh',
  )}</ol><p class="after">Nothing to deploy right now? <code>npm run demo</code> starts an application, deploys it twice, once badly, and says how to see it here.</p>`;
}
