// Any number of models in a fixed order, never back to an earlier one: routegame.agents.menus.fixed_order. Where the
// bound is not attained the answer is the best commitment known, with the gap.

/** Solve a game in fixed order, as far as that is known; for memoryless users. */
function solveFixed(game, { throttling = false, decline = false } = {}) {
  if (game.p.length === 2 && !decline) return { ...solvePaper(game, { throttling }), order: "fixed", price: solveFree(game).price };
  const free = solveFree(game, { decline });
  const [bound, candidates] = decline ? declined(game) : boundAndCandidates(game);
  let best = candidates[0];
  for (const other of candidates.slice(1)) if (other.cost < best.cost * (1 - INDIFFERENCE)) best = other;
  let lower = Math.min(bound, best.cost);
  const slowed = slowDown(game, free.worth, best.cost, decline);
  let latency = [...game.t];
  let shown = best;
  if (slowed.pays && throttling) {
    const own = oneOf(game.p.length, slowed.model);
    shown = { cost: slowed.cost, policy: redrawn(own, own), leaves: 1 };
    latency = slowed.latency;
    lower = Math.min(lower, slowed.cost);
  }
  const first = leastOf(shown.policy.start.map((x) => -x));
  const next = shown.policy.matrix[0];
  const firstToSecond = first === 0 && next[1] > 0 && next.slice(2).every((x) => x === 0);
  const refused = decline && shown.leaves === 1;
  const played = refused
    ? { solveProb: 0, latency: 0, expectedCost: 0, utility: 0, cost: game.penalty }
    : outcomeOf(game, shown.policy, shown.leaves, latency);
  const profile = {
    policy: shown.policy, route: first + 1, cascade: firstToSecond ? next[1] : null, abandon: shown.leaves,
    latencyInForce: latency, ...played,
  };
  return {
    ...free, order: "fixed", best: profile, lower, visited: visitedIn(profile, decline), decline,
    exact: profile.cost - lower <= 1e-9 * profile.cost, gap: Math.max(free.liked.utility - profile.utility, 0),
    throttling: { ...slowed, gain: slowed.pays ? best.cost - slowed.cost : 0 },
  };
}

function candidateOf(game, policy, leaves) {
  return { cost: outcomeOf(game, policy, leaves).cost, policy, leaves };
}

/** A bound of what a task costs, and commitments that may attain it, the simplest first. */
function boundAndCandidates(game) {
  const { p, c, penalty } = game;
  const worth = netValues(game);
  const count = p.length;
  let [lower, cheapest, start, going] = [Infinity, Infinity, 0, goingOn(worth, p, c, penalty, true)];
  for (let i = 0; i < count; i++) {
    const rest = [worth.slice(i), p.slice(i), c.slice(i), penalty];
    lower = Math.min(lower, c[i] + (1 - p[i]) * goingOn(...rest).price);
    const ordered = goingOn(...rest, true);
    const cost = c[i] + (1 - p[i]) * ordered.price;
    if (cost < cheapest * (1 - INDIFFERENCE)) [cheapest, start, going] = [cost, i, ordered];
  }
  return [lower, [inOrder(game, worth, start, going), ...cheapestPair(game), ...pooled(game, worth)]];
}

/** The commitment that goes on so from its start, and needs no other order. */
function inOrder(game, worth, i, going) {
  const count = game.p.length;
  const [l, j] = [i + going.waits, i + going.keeps];
  if (going.way !== "mix") {
    return candidateOf(game, listed(count, i, i, j, 1, Number(i !== j)), Number(going.way === "leave"));
  }
  const forever = worth[j] / game.p[j];
  if (i === l) return candidateOf(game, listed(count, l, l, j, 1, -worth[l] / (forever - worth[l])), 0);
  const [x, s] = handOvers(worth[l], game.p[l], forever);
  return candidateOf(game, listed(count, i, l, j, x, Math.min(s, 1)), 0);
}

/** The cheapest of the paper's equilibria of all pairs of models in their order. */
function cheapestPair(game) {
  const count = game.p.length;
  let found = null;
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const only = (x) => [x[a], x[b]];
      const { best } = solvePaper({ ...game, p: only(game.p), t: only(game.t), c: only(game.c) });
      if (found === null || best.cost < found.cost) {
        const policy = best.route === 1 ? listed(count, a, a, b, 1, best.cascade) : listed(count, b, b, b, 1, 0);
        found = { cost: best.cost, policy, leaves: best.abandon };
      }
    }
  }
  return [found];
}

/** One pass of a model, then one of two later ones for good, drawn unseen in the share that keeps users. */
function pooled(game, worth) {
  const { p, c } = game;
  const count = p.length;
  let [cheapest, found] = [Infinity, null];
  for (let i = 0; i < count; i++) {
    let [least, pair] = [Infinity, null];
    for (let l = i + 1; l < count; l++) {
      for (let j = i + 1; j < count; j++) {
        if (!(worth[l] < 0 && worth[j] > 0)) continue;
        const [slow, good] = [worth[l], worth[j]];
        const [slow2, good2] = [slow / p[l] ** 2, good / p[j] ** 2];
        const share = Math.min(good2 / (good2 - slow2), good / p[j] / (good / p[j] - slow / p[l]));
        const cost = c[i] + (1 - p[i]) * ((1 - share) * (c[j] / p[j]) + share * (c[l] / p[l]));
        if (cost < least) [least, pair] = [cost, [i, l, j, share]];
      }
    }
    if (pair !== null && least < cheapest * (1 - INDIFFERENCE)) [cheapest, found] = [least, pair];
  }
  if (found === null) return [];
  const [i, l, j, share] = found;
  const policy = listed(count, i, i, i, 1, 0);
  policy.matrix[i].fill(0);
  policy.matrix[i][l] = share;
  policy.matrix[i][j] = 1 - share;
  return [candidateOf(game, policy, 0)];
}

/** The bound, and commitments that may attain it, where users may refuse the first pass. */
function declined(game) {
  const { p, c, penalty } = game;
  const worth = netValues(game);
  const count = p.length;
  const found = [];
  for (let k = 0; k < count; k++) if (worth[k] >= 0) found.push(candidateOf(game, redrawn(oneOf(count, k), oneOf(count, k)), 0));
  const worst = leastOf(worth);
  if (worth[worst] <= 0) {
    found.push({ cost: penalty, policy: redrawn(oneOf(count, worst), oneOf(count, worst)), leaves: 1 });
  }
  for (let l = 0; l < count; l++) {
    for (let j = l + 1; j < count; j++) {
      const gain = ((1 - p[l]) * worth[j]) / p[j];
      if (worth[l] < 0 && worth[j] > 0 && worth[l] + gain >= 0) {
        found.push(candidateOf(game, listed(count, l, l, j, 1, -worth[l] / gain), 0));
      }
    }
  }
  return [goingOn(worth, p, c, penalty).price, found];
}

/** Solve a game in the order asked for: "paper", "fixed" or "free". */
function solve(game, { order = game.p.length === 2 ? "paper" : "free", throttling = false, decline = false } = {}) {
  if (order === "paper") return solvePaper(game, { throttling });
  return (order === "fixed" ? solveFixed : solveFree)(game, { throttling, decline });
}
