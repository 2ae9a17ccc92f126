import fc from 'fast-check';

/**
 * Drawn cases are the same ones for the same tree: a run that was green is green again, and what turns red is the change.
 * `npm run test:draws` draws others (SEQPULSE_DRAWS), and says which seed finds them again.
 */
const seed = Number(process.env.SEQPULSE_DRAWS ?? 20260101);
if (!Number.isInteger(seed))
  throw new Error(`SEQPULSE_DRAWS must be a whole number, not ${process.env.SEQPULSE_DRAWS}`);
fc.configureGlobal({ seed });
