// What is said of a commitment, and the short numbers at which it is true: routegame.eval.claims and policy_claims.

const DIGITS = 4; // of probabilities to begin with
const COST_DIGITS = 4; // of the cost that stands beside them

/** What users answer to a policy, what it comes to, and whether they take the task on at all. */
function consequences(whole, every, { decline = false, latency = whole.t } = {}) {
  return narrowConsequences(...narrowed({ ...whole, t: latency }, every), decline);
}

/** The same where all models may run. */
function narrowConsequences(game, policy, decline) {
  const q = narrowAnswer(game, policy);
  const outcome = outcomeOf(game, policy, q);
  if (decline) {
    const n = passesOf(game, policy, game.p.map(() => 1 - q));
    const scale = dot(n, game.p.map((p, k) => game.value * p + game.t[k]));
    if (outcome.utility < -INDIFFERENCE * scale) {
      return { q: 1, declined: true, solveProb: 0, latency: 0, expectedCost: 0, utility: 0, cost: game.penalty };
    }
  }
  return { q, declined: false, ...outcome };
}

/** The same for a commitment of two models in the paper's order, by its closed form. */
function consequencesOfRoute(game, route, s, latency = game.t) {
  const inForce = { ...game, t: latency };
  const q = bestResponse(inForce, route, s);
  return { q, declined: false, ...outcomeOfRoute(inForce, route, s, q) };
}

/** A solution's policy as it is to be shown: with short probabilities, at which users do as they are said to. */
function shownPolicy(solution) {
  const { game, best, decline } = solution;
  const { policy, latencyInForce: latency } = best;
  if (best.abandon > 0 && best.abandon < 1) return shownMix(solution);
  if (best.latencyInForce.some((t, k) => t > game.t[k])) return policy;
  const said = (tried) => {
    const found = consequences(game, tried, { decline, latency });
    return found.q === best.abandon && agrees(found.cost, best.cost, COST_DIGITS);
  };
  const odd = oddPlaces(policy);
  let short = policy;
  for (const places of odd) {
    const value = placeOf(policy, places[0]);
    const base = short;
    short = withProb(base, places, roundedProb(value, DIGITS, (x) => said(withProb(base, places, x))));
  }
  return short;
}

/** A cascade under which users mix leaves them about as often as is said. */
function shownMix({ game, best }) {
  const s = roundedProb(best.cascade, DIGITS, (x) => {
    const found = consequencesOfRoute(game, 1, x);
    return found.q > 0 && found.q < 1 && agrees(found.q, best.abandon, DIGITS) && agrees(found.cost, best.cost, COST_DIGITS);
  });
  return listed(game.p.length, 0, 0, 1, 1, s);
}

/** Places of probabilities between 0 and 1 that are free, those that are alike together; row −1 is the start. */
function oddPlaces(policy) {
  const groups = new Map();
  [policy.start, ...policy.matrix].forEach((row, r) => {
    const between = row.flatMap((x, k) => (x > 0 && x < 1 ? [k] : []));
    const free = between.includes(r - 1) ? between.filter((k) => k !== r - 1) : between.slice(0, -1);
    for (const k of free) {
      const key = `${k}:${row[k]}`;
      groups.set(key, [...(groups.get(key) ?? []), [r - 1, k]]);
    }
  });
  return [...groups.values()];
}

const placeOf = (policy, [row, k]) => (row < 0 ? policy.start[k] : policy.matrix[row][k]);

/** The policy with another probability in some places, and what is left for the rest of their rows. */
function withProb(policy, places, value) {
  const changed = { start: [...policy.start], matrix: policy.matrix.map((row) => [...row]) };
  for (const [row, k] of places) {
    const line = row < 0 ? changed.start : changed.matrix[row];
    const rest = line.findIndex((x, n) => x > 0 && n !== k);
    line[k] = value;
    line[rest] = Number((1 - value).toFixed(15));
  }
  return changed;
}

/** Thresholds of two models as they are to be shown: at s_0 and s_L users stay, at s_H they leave. */
function shownThresholds(game, at) {
  const stays = (s) => bestResponse(game, 1, s) === 0;
  const leaves = (s) => bestResponse(game, 1, s) === 1;
  const claims = { s_0: stays, s_L: stays, s_H: leaves };
  return Object.fromEntries(Object.entries(at).filter(([, s]) => s !== null)
    .map(([name, s]) => [name, roundedProb(s, DIGITS, claims[name])]));
}

/** Latency at which users leave a model that is slowed down, as it is to be shown. */
function shownLatency(solution, model) {
  const { game, throttling } = solution;
  const gain = game.value * game.p[model];
  return rounded(throttling.latency[model], DIGITS, (t) => t >= game.t[model] && t - gain > INDIFFERENCE * gain);
}

/** A number from which on something holds as it is to be shown: no less. */
const shownFrom = (least) => rounded(least, DIGITS, (value) => value >= least);
