const LIMIT = 8;
const TOLERANCE = 1e-12;

/** Density of the standard normal distribution. */
function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/**
 * Probability that a standard normal variable is at most `x`; absolute error below 1e-14 for |x| < 6.
 * Source: the Taylor series of G. Marsaglia, "Evaluating the Normal Distribution", Journal of
 * Statistical Software 11(4), 2004: 1/2 + density(x) · (x + x³/3 + x⁵/(3·5) + …).
 */
export function normalProbability(x: number): number {
  if (x < -LIMIT) return 0;
  if (x > LIMIT) return 1;
  let sum = x;
  let term = x;
  let previous = Number.NaN;
  for (let odd = 3; sum !== previous; odd += 2) {
    previous = sum;
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + sum * normalDensity(x);
}

/**
 * The z below which a standard normal variable stays with this probability (0 < probability < 1).
 * Found by bisection of {@link normalProbability}, which only rises.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError('a probability lies between 0 and 1');
  }
  let low = -LIMIT;
  let high = LIMIT;
  while (high - low > TOLERANCE) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Expected units by which a standard normal variable exceeds z: density(z) − z·(1 − probability(z)). */
export function normalLoss(z: number): number {
  return normalDensity(z) - z * (1 - normalProbability(z));
}
