import { markup } from '../report/markup.ts';
import { shell } from './shell.ts';

/** What a reader needs to believe a verdict, or not to; the whole of it is docs/verdict.md. */
export function howPage({
  stylesheet,
  isOperator,
}: {
  readonly stylesheet: string;
  readonly isOperator: boolean;
}): string {
  return shell({
    title: 'How a verdict is made',
    crumbs: isOperator
      ? [{ text: 'Projects', href: '/' }, { text: 'How a verdict is made' }]
      : [{ text: 'How a verdict is made' }],
    viewer: isOperator ? 'operator' : 'nobody',
    nowMs: null,
    stylesheet,
    main: markup`<div class="head"><h1>How a verdict is made</h1><p class="lead">Five numbers of the deployed application are read before a deployment and for some minutes after it, and compared.</p></div><ol class="steps">
<li><h2>Before</h2><p>Up to fifteen readings from before the deployment, while the environment was in a good state. What was once judged bad never becomes the measure of what follows.</p></li>
<li><h2>After</h2><p>One reading a minute from the end of the pipeline on, until the window is over. Fewer than three, and nothing is judged: too little is no good news.</p></li>
<li><h2>What matters</h2><p>Each number has a limit: the least change that matters, widened by what chance, drift and the service’s own noise do by themselves. A change below it is never an alarm, however certain; one above it must be certain as well.</p></li>
<li><h2>The verdict</h2><p><b>Rollback recommended</b> where a critical number failed, <b>Attention</b> where another did or the evidence is thinner, <b>OK</b> where none got worse, <b>Not enough data</b> where that can’t be known. Grave faults are called early, two minutes in; an OK is looked at again an hour and a day later.</p></li>
<li><h2>How often that is right</h2><p>It was measured on public data with faults put in. A report says it as a frequency, reckoned for how seldom deployments are bad. Mark verdicts as right or wrong: the figures become those of your project.</p></li>
</ol>`,
  });
}
