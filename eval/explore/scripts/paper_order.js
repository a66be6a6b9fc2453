// Two models in the paper's order, 1, then 2 for good: routegame.agents.exact (Mahmood 2026, Theorems 1 to 5).

/** Cascade probabilities at which a user's best answer changes; null where there is none. */
function thresholdsOf(game) {
  const [worth1, worth2] = netValues(game);
  const [p1, p2] = game.p;
  const mixes = worth1 > 0 && worth2 < 0;
  return {
    s_0: worth1 < 0 && worth2 > 0 ? -worth1 / (worth2 / p2 - worth1) : null,
    s_L: mixes ? cascadeThatMixes(worth1, worth2, p1, p2, 0) : null,
    s_H: mixes ? worth1 / (worth1 - worth2) : null,
  };
}

/** Probability with which a memoryless user leaves after a failure, at its best; ties go to staying. */
function bestResponse(game, route, s) {
  const [worth1, worth2] = netValues(game);
  if (route === 2) return Number(worth2 < 0);
  const at = thresholdsOf(game);
  if (at.s_0 !== null) return Number(s < at.s_0 * (1 - INDIFFERENCE));
  if (at.s_L !== null) {
    if (s >= at.s_H * (1 - INDIFFERENCE)) return 1;
    if (s <= at.s_L * (1 + INDIFFERENCE)) return 0;
    return mixedResponse(worth1, worth2, game.p[0], game.p[1], s);
  }
  if (s === 0) return Number(worth1 < 0);
  if (s === 1) return Number(worth2 < 0);
  return Number(worth1 <= 0 && worth2 <= 0 && worth1 + worth2 < 0);
}

/** The root q of F(s, q) = 0, cut off to [0, 1]: users who truly mix. */
function mixedResponse(worth1, worth2, p1, p2, s) {
  const [a, b, loss] = [1 - p1, 1 - p2, -worth2];
  const quadratic = (1 - s) * b * (worth1 * b + loss * s * a);
  const half = (1 - s) * b * (worth1 * p2 - loss * s * a);
  const constant = worth1 * (1 - s) * (p2 * p2) - loss * s * (p1 + a * p2 + a * b * s);
  const root = Math.sqrt(Math.max(half * half - quadratic * constant, 0));
  if (constant >= 0) return 0;
  if ((1 - s) * worth1 <= loss * s) return 1;
  return Math.min(Math.max(half > 0 ? -constant / (half + root) : (root - half) / quadratic, 0), 1);
}

/** The root s of F(s, q) = 0: the cascade probability that makes q a best answer. */
function cascadeThatMixes(worth1, worth2, p1, p2, q) {
  const [a, b, loss, stay] = [1 - p1, 1 - p2, -worth2, 1 - q];
  const solves = p2 + b * q;
  const gain = worth1 * (solves * solves);
  const handedOn = loss * a * b * (stay * stay);
  const linear = loss * (p1 + a * p2 + a * b * q * (1 + stay)) + gain;
  return (2 * gain) / (linear + Math.sqrt(linear * linear + 4 * handedOn * gain));
}

/** What route, cascade and abandonment come to; `latency` is the one in force. */
function outcomeOfRoute(game, route, s, q, latency = game.t) {
  const [p1, p2] = game.p;
  const [a, b, stay] = [1 - p1, 1 - p2, 1 - q];
  const alone = 1 / (p2 + b * q);
  const n1 = route === 1 ? 1 / (p1 + a * (q + stay * s)) : 0;
  const n2 = route === 1 ? n1 * a * stay * s * alone : alone;
  return outcomeFrom({ ...game, t: latency }, [n1, n2], a * q * n1 + b * q * n2);
}

const SCANNED = [0, 1e-3, 1e-2, ...Array.from({ length: 20 }, (_, k) => 0.05 + k * 0.05)];
const FINER = Array.from({ length: 9 }, (_, k) => k / 8);
const NUM_ZOOMS = 18;

/** The cheapest commitment under which users truly mix, searched over q = u⁴; null where it cannot be the cheapest. */
function cheapestMix(game) {
  const [worth1, worth2] = netValues(game);
  const { p: [p1, p2], c: [c1, c2], penalty } = game;
  const [kappa1, kappa2] = [c1 - penalty * p1, c2 - penalty * p2];
  const possible = worth1 > 0 && worth2 < 0 && p1 > p2 && kappa2 < 0 && kappa2 * worth1 < kappa1 * worth2;
  if (!possible || !(c2 * p1 < c1 * p2)) return null;
  const cost = (u) => {
    const q = u * u * (u * u);
    const s = cascadeThatMixes(worth1, worth2, p1, p2, q);
    const [a, b] = [1 - p1, 1 - p2];
    const n1 = 1 / (p1 + a * (q + (1 - q) * s));
    const n2 = (n1 * a * (1 - q) * s) / (p2 + b * q);
    return c1 * n1 + c2 * n2 + penalty * q * (a * n1 + b * n2);
  };
  const [start, ...soon] = SCANNED.slice(0, 4).map(cost);
  if (!(Math.min(...soon) < start)) return null;
  let points = SCANNED;
  for (let k = 0; k < NUM_ZOOMS; k++) {
    const best = Math.min(Math.max(leastOf(points.map(cost)), 1), points.length - 2);
    const [low, high] = [points[best - 1], points[best + 1]];
    points = FINER.map((x) => low + (high - low) * x);
  }
  const u = points[4];
  const q = u * u * (u * u);
  return { s: cascadeThatMixes(worth1, worth2, p1, p2, q), q, cost: cost(u) };
}

/** Solve a game of two models in the paper's order. */
function solvePaper(game, { throttling = false } = {}) {
  const { p: [p1, p2], t, c: [c1, c2], penalty, value } = game;
  const worth = netValues(game);
  const [worth1, worth2] = worth;
  const [a, b] = [1 - p1, 1 - p2];
  const at = thresholdsOf(game);
  const threshold = at.s_0 ?? at.s_L;
  const leave = [c1 + penalty * a, c2 + penalty * b];
  const stay = [c1 / p1, c2 / p2];
  const cascading = threshold === null ? Infinity : (c1 + a * threshold * (c2 / p2)) / (p1 + a * threshold);
  const atOnce = c1 + a * (c2 / p2);
  const mix = cheapestMix(game);
  let chosen = [Infinity];
  for (const [cost, possible, route, s, q] of [
    [stay[0], worth1 >= 0, 1, 0, 0],
    [leave[0], worth1 <= 0, 1, 0, 1],
    [stay[1], worth2 >= 0, 2, 0, 0],
    [leave[1], worth2 <= 0, 2, 0, 1],
    [cascading, threshold !== null, 1, threshold, 0],
    [atOnce, worth2 >= 0, 1, 1, 0],
    [leave[0], worth2 <= 0, 1, 1, 1],
    [mix?.cost, mix !== null, 1, mix?.s, mix?.q],
  ]) {
    if (possible && cost < chosen[0] * (1 - INDIFFERENCE)) chosen = [cost, route, s, q];
  }
  const [, route, s, q] = chosen;
  const plain = profileOfRoute(game, worth, route, s, q, [...t]);
  const driven = Math.min(...leave);
  const pays = driven < plain.cost * (1 - INDIFFERENCE);
  const slow = leave[0] <= leave[1] ? 0 : 1;
  const latency = t.map((x, k) => (pays && k === slow ? value * game.p[k] * JUST_NOT_WORTH_IT : x));
  const best = throttling && pays
    ? profileOfRoute({ ...game, t: latency }, netValues({ ...game, t: latency }), slow + 1, 0, 1, latency) : plain;
  const liked = likedInOrder(game, worth);
  return {
    order: "paper", game, worth, stay, price: null, best, lower: best.cost, exact: true, decline: false, liked,
    thresholds: at, visited: visitedIn(best, false), gap: Math.max(liked.utility - best.utility, 0),
    throttling: {
      pays, model: slow, cost: pays ? driven : plain.cost, gain: pays ? plain.cost - driven : 0, latency,
      safe: safePenalty(game, worth, stay, atOnce, threshold === null ? Infinity : cascading),
    },
    nobodyCommits: nobodyCommits(game, worth, leave, stay, plain.cost),
  };
}

function profileOfRoute(game, worth, route, s, q, latency) {
  const policy = route === 1 ? listed(2, 0, 0, 1, 1, s) : listed(2, 1, 1, 1, 1, 0);
  const free = route === 2 || (worth[0] <= 0 && worth[1] <= 0 && q === 1);
  return {
    policy, route, cascade: s, cascadeFree: free, abandon: q, latencyInForce: latency, ...outcomeOfRoute(game, route, s, q),
  };
}

/** The commitment that users would choose: for a fixed answer utility is monotone in s, so s is 0 or 1. */
function likedInOrder(game, worth) {
  const [worth1, worth2] = worth;
  const [p1, p2] = game.p;
  const standard = worth1 >= 0 ? worth1 / p1 : worth1;
  const reasoning = worth2 >= 0 ? worth2 / p2 : worth2;
  const atOnce = worth1 + ((1 - p1) * Math.max(worth2, 0)) / p2;
  const second = reasoning - standard > INDIFFERENCE * Math.abs(standard);
  const best = second ? reasoning : standard;
  const third = atOnce - best > INDIFFERENCE * Math.abs(best);
  const model = second && !third ? 1 : 0;
  const leaves = second || third ? worth2 < 0 : worth1 < 0;
  return { model, good: !leaves, handsOver: third, ...outcomeOfRoute(game, model + 1, Number(third), Number(leaves)) };
}

/** The least churn penalty from which on slowing models down never pays. */
function safePenalty(game, worth, stay, atOnce, cascading) {
  const { p, c } = game;
  const staying = Math.min(
    worth[0] >= 0 ? stay[0] : Infinity, worth[1] >= 0 ? Math.min(stay[1], atOnce) : Infinity, cascading);
  const until = stay.map((k, i) => k + (staying - k) / (1 - p[i]));
  const [gain, dearer] = [p[1] - p[0], c[1] - c[0]];
  const crossing = dearer / gain;
  let onlyFirst = dearer < 0 ? until[1] : 0;
  if (gain > 0) onlyFirst = crossing < until[1] ? until[1] : 0;
  if (gain < 0) onlyFirst = Math.min(crossing, until[1]);
  if (worth[1] <= 0) return 0;
  return Math.max(worth[0] <= 0 ? onlyFirst : Math.max(...until), 0);
}

/** The game in which nobody moves first: a model for good against users' answer to it, or a mix where there is none. */
function nobodyCommits(game, worth, leave, stay, committed) {
  const { p, c } = game;
  const pure = Math.min(
    worth[0] >= 0 && stay[0] <= stay[1] ? stay[0] : Infinity, worth[0] <= 0 && leave[0] <= leave[1] ? leave[0] : Infinity,
    worth[1] >= 0 && stay[1] <= stay[0] ? stay[1] : Infinity, worth[1] <= 0 && leave[1] <= leave[0] ? leave[1] : Infinity);
  const indifferent = (c[1] * (1 - p[0]) - c[0] * (1 - p[1])) / (p[1] - p[0]);
  const staying = (leave[0] - leave[1]) / (leave[0] - leave[1] + stay[1] - stay[0]);
  const once = leave[0] + staying * (stay[0] - leave[0]);
  const exists = Number.isFinite(pure);
  const cost = exists ? pure : worth[0] < 0 && p[1] < p[0] ? once : indifferent;
  return { cost, pure: exists, value: Math.max(cost - committed, 0) };
}
