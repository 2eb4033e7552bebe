// An age with its interval out of P(age > k): calibrated, and with a word where the network errs much.

/** Return the ages below which the probability comes to each level; class k stands for k - 0.5 to k + 0.5. */
function quantiles(above, levels) {
  const falling = [1, ...[...above].sort((a, b) => b - a), 0];
  const probabilities = falling.slice(0, -1).map((value, n) => value - falling[n + 1]);
  return levels.map((level) => {
    let reached = 0;
    for (const [age, probability] of probabilities.entries()) {
      if (reached + probability >= level - 1e-12) {
        return age - 0.5 + Math.min(Math.max((level - reached) / probability, 0), 1);
      }
      reached += probability;
    }
    return probabilities.length - 0.5;
  });
}

/** Move an age along the rising curve through the knots, parallel to the diagonal beyond them. */
function recalibrated(age, knots) {
  const inside = Math.min(Math.max(age, knots[0][0]), knots.at(-1)[0]);
  const upper = Math.max(1, knots.findIndex(([said]) => said >= inside));
  const [[x0, y0], [x1, y1]] = [knots[upper - 1], knots[upper]];
  return Math.max(0, y0 + ((inside - x0) / (x1 - x0)) * (y1 - y0) + age - inside);
}

/**
 * Return {years, low, high, level, error, warning}.
 *
 * @param above P(age > k) of one face, averaged over its views.
 * @param calibration of the manifest.
 * @param much years: where the network errs by more in the mean, it says so.
 */
export function aged(above, calibration, much) {
  const { level, knots, below, above: beyond, errors } = calibration;
  const expectation = above.reduce((sum, one) => sum + one, 0);
  const tail = (1 - level) / 2;
  const [years, bottom, top] = [expectation, ...quantiles(above, [tail, 1 - tail])].map((age) =>
    recalibrated(age, knots));
  const width = top - bottom + 1;
  const low = Math.min(Math.max(bottom - below * width, 0), years);
  const high = Math.max(top + beyond * width, 0, years);
  const away = ({ first, last }) => Math.max(first - Math.trunc(years), Math.trunc(years) - last, 0);
  const range = errors.reduce((best, one) => (away(one) < away(best) ? one : best));
  const warning = range.error > much
    ? `where the network says ${range.first} to ${range.last} years it errs by ${range.error.toFixed(0)} in the mean`
    : null;
  return { years, low, high, level, error: range.error, warning };
}
