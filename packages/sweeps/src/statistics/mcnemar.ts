/**
 * Two-sided exact McNemar test: the probability, if both arms were equally good, of a split of the discordant pairs at least as uneven
 * as the one seen. Pairs that agree carry no information.
 *
 * Source: McNemar 1947; exact form by the binomial distribution with p = 1/2.
 *
 * @param nGained pairs in which only the second arm succeeded
 * @param nLost pairs in which only the first did
 */
export function mcnemarExact(nGained: number, nLost: number): number {
  const n = nGained + nLost;
  if (n === 0) return 1;
  const fewer = Math.min(nGained, nLost);
  let logTerm = -n * Math.LN2; // log of C(n, 0) / 2^n
  let tail = 0;
  for (let k = 0; k <= fewer; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}
