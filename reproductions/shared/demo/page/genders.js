// A gender with its probability out of a network's answers.

const LEAST = 1e-6;

/** Return probabilities whose logarithms are divided by a temperature. */
function tempered(likely, temperature) {
  const raised = likely.map((one) => Math.max(one, LEAST) ** (1 / temperature));
  const sum = raised.reduce((total, one) => total + one, 0);
  return raised.map((one) => one / sum);
}

/** Return {name, probability} of the likelier one, from the mean answer over the views of a face. */
export function gendered(likely, { names, temperature }) {
  const said = tempered(likely, temperature);
  const probability = Math.max(...said);
  return { name: names[said.indexOf(probability)], probability };
}
