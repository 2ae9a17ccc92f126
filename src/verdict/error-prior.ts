import { incompleteBeta, logGamma } from './incomplete-beta.ts';

/** One kind of service: its error ratio is Gamma distributed with this shape, and a mean of shape ÷ requests. */
export interface ErrorKind {
  readonly weight: number;
  readonly shape: number;
  readonly requests: number;
}

/** Mean of the error ratio under a mixture, each kind weighed by how well it foretold what was seen. */
export function expectedRatio(kinds: readonly ErrorKind[]): number {
  return kinds.reduce((sum, kind) => sum + (kind.weight * kind.shape) / kind.requests, 0);
}

/** Variance of the error ratio under a mixture: what is not known of the service. */
export function ratioVariance(kinds: readonly ErrorKind[]): number {
  const mean = expectedRatio(kinds);
  const square = kinds.reduce(
    (sum, kind) => sum + (kind.weight * kind.shape * (kind.shape + 1)) / kind.requests ** 2,
    0,
  );
  return Math.max(0, square - mean ** 2);
}

/**
 * What is believed after `failed` of `requests` requests failed. Each kind's Gamma is updated (Gamma-Poisson), and its
 * weight multiplied with the probability it gave to just that: f failures of n have the negative binomial probability
 * Γ(s+f)/Γ(s)f! · (r/(r+n))^s · (n/(r+n))^f.
 */
export function updated(kinds: readonly ErrorKind[], seen: { failed: number; requests: number }): ErrorKind[] {
  const logs = kinds.map((kind) => {
    const likelihood =
      logWays(kind.shape, seen.failed) +
      kind.shape * Math.log(kind.requests / (kind.requests + seen.requests)) +
      (seen.failed > 0 ? seen.failed * Math.log(seen.requests / (kind.requests + seen.requests)) : 0);
    return Math.log(kind.weight) + likelihood;
  });
  const most = Math.max(...logs);
  const total = logs.reduce((sum, log) => sum + Math.exp(log - most), 0);
  return kinds.map((kind, i) => ({
    weight: Math.exp((logs[i] ?? Number.NEGATIVE_INFINITY) - most) / total,
    shape: kind.shape + seen.failed,
    requests: kind.requests + seen.requests,
  }));
}

/** ln of Γ(shape + failed) ÷ (Γ(shape) Γ(failed + 1)): how many ways there are to fail that often. */
function logWays(shape: number, failed: number): number {
  return logGamma(shape + failed) - logGamma(shape) - logGamma(failed + 1);
}

/**
 * Probability of `failed` or more failures in the next `requests` requests if nothing changed: the posterior predictive
 * tail (Box 1980), negative binomial for each kind. Failures need not be whole, since ratios arrive rounded.
 */
export function chanceOfAtLeast(kinds: readonly ErrorKind[], next: { failed: number; requests: number }): number {
  if (next.failed <= 0) return 1;
  let chance = 0;
  for (const kind of kinds) {
    const reach = next.requests / (kind.requests + next.requests);
    chance += kind.weight * incompleteBeta(reach, next.failed, kind.shape);
  }
  return chance;
}
