// A game, what a commitment brings about in it, and what users answer: routegame.envs and routegame.agents, in small.
//
// A game is {value, penalty, p, t, c}: V, P, and three lists with an entry a model. A policy is {start, matrix}. Models
// are numbered from 0 here, and from 1 wherever people read.

const INDIFFERENCE = 1e-12; // relative tolerance within which a user counts as indifferent

/** Net value of a pass of each model, V p − t; exactly 0 where a user is indifferent up to rounding. */
function netValues(game) {
  return game.p.map((p, k) => {
    const gain = game.value * p;
    const net = gain - game.t[k];
    return Math.abs(net) <= INDIFFERENCE * gain ? 0 : net;
  });
}

/** Place of the least of some numbers, of equals the first. */
function leastOf(values) {
  let which = 0;
  for (let k = 1; k < values.length; k++) if (values[k] < values[which]) which = k;
  return which;
}

function oneOf(count, which) {
  return Array.from({ length: count }, (_, k) => Number(k === which));
}

/** A policy whose rows are all alike. */
function redrawn(start, row) {
  return { start, matrix: start.map(() => [...row]) };
}

/** Start at i, go on to l with probability x, else to j; from l to j with probability s. Others keep at it. */
function listed(count, i, l, j, x, s) {
  const matrix = Array.from({ length: count }, (_, k) => oneOf(count, k));
  if (i !== l) {
    matrix[i].fill(0);
    matrix[i][j] = 1 - x;
    matrix[i][l] = x;
  }
  if (l !== j) {
    matrix[l].fill(0);
    matrix[l][l] = 1 - s;
    matrix[l][j] = s;
  }
  return { start: oneOf(count, i), matrix };
}

/** Solution of a small linear system, by elimination with pivots; null where it has none. */
function solved(matrix, right) {
  const size = right.length;
  const rows = matrix.map((row, k) => [...row, right[k]]);
  for (let k = 0; k < size; k++) {
    let best = k;
    for (let j = k + 1; j < size; j++) if (Math.abs(rows[j][k]) > Math.abs(rows[best][k])) best = j;
    if (rows[best][k] === 0) return null;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let j = k + 1; j < size; j++) {
      const factor = rows[j][k] / rows[k][k];
      if (factor) for (let n = k; n <= size; n++) rows[j][n] -= factor * rows[k][n];
    }
  }
  const found = new Array(size).fill(0);
  for (let k = size - 1; k >= 0; k--) {
    let rest = rows[k][size];
    for (let n = k + 1; n < size; n++) rest -= rows[k][n] * found[n];
    found[k] = rest / rows[k][k];
  }
  return found;
}

/** Expected passes of each model, if users stay after a failure of model k with probability stay[k]. */
function passesOf(game, policy, stay) {
  const system = policy.start.map((_, k) =>
    policy.start.map((_, j) => Number(j === k) - (1 - game.p[j]) * stay[j] * policy.matrix[j][k]));
  return solved(system, policy.start);
}

const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);

/** What a policy comes to if users leave after a failure with probability q; `latency` is the one in force. */
function outcomeOf(game, policy, q, latency = game.t) {
  const inForce = latency === game.t ? game : { ...game, t: latency };
  const n = passesOf(game, policy, game.p.map(() => 1 - q));
  const abandoned = dot(n, game.p.map((p) => (1 - p) * q));
  return outcomeFrom(inForce, n, abandoned);
}

function outcomeFrom(game, passes, abandoned) {
  const cost = dot(passes, game.c);
  return {
    solveProb: abandoned === 0 ? 1 : dot(passes, game.p),
    latency: dot(passes, game.t),
    expectedCost: cost,
    utility: dot(passes, netValues(game)),
    cost: cost + game.penalty * abandoned,
  };
}

/** Models that ever run, from 0, if users stay or do not: in the order in which a task may come to them. */
function visitedBy(policy, stays) {
  const reached = policy.start.flatMap((x, k) => (x > 0 ? [k] : []));
  for (let n = 0; stays && n < reached.length; n++) {
    policy.matrix[reached[n]].forEach((x, k) => {
      if (x > 0 && !reached.includes(k)) reached.push(k);
    });
  }
  return reached;
}

/** A game and a policy without the models that never run: sums over them are shorter. */
function narrowed(game, policy) {
  const reached = visitedBy(policy, true);
  const of = (numbers) => reached.map((k) => numbers[k]);
  return [
    { ...game, p: of(game.p), t: of(game.t), c: of(game.c) },
    { start: of(policy.start), matrix: reached.map((k) => of(policy.matrix[k])) },
  ];
}

/** The best answer of a memoryless user to a policy: the probability of leaving after a failure; ties go to staying.
 *
 * With r = 1 − q its utility is N(r) / B(r), B(r) = det(1 − r D). It is best at an end of [0, 1], or where N'B − NB' is 0.
 */
function answerTo(game, policy) {
  const reached = visitedBy(policy, true); // the others have no part in it
  const start = reached.map((k) => policy.start[k]);
  const p = reached.map((k) => game.p[k]);
  const every = netValues(game);
  const worth = reached.map((k) => every[k]);
  const scale = reached.map((k) => game.value * game.p[k] + game.t[k]);
  const step = reached.map((j, a) => reached.map((k) => (1 - p[a]) * policy.matrix[j][k]));
  const [top, bottom] = quotient(start, step, worth);
  const slope = minus(times(derivative(top), bottom), times(top, derivative(bottom)));
  const tried = [1, 0, ...rootsWithin(slope)];
  const at = (r, numbers) => {
    const system = step.map((row, j) => row.map((x, k) => Number(j === k) - r * x));
    return dot(start, solved(system, numbers));
  };
  const utility = tried.map((r) => at(r, worth));
  const best = Math.max(...utility);
  const fine = tried.filter((r, k) => utility[k] >= best - INDIFFERENCE * at(r, scale));
  return 1 - Math.max(...fine);
}

/** Polynomials N and B with startᵀ (1 − r D)⁻¹ w = N(r) / B(r), lowest coefficient first (Faddeev and LeVerrier). */
function quotient(start, step, worth) {
  const size = start.length;
  let power = step.map((_, k) => oneOf(size, k));
  const top = [];
  const bottom = [1];
  for (let k = 1; k <= size; k++) {
    top.push(dot(start, power.map((row) => dot(row, worth))));
    const next = step.map((row) => row.map((_, j) => row.reduce((sum, x, n) => sum + x * power[n][j], 0)));
    const coefficient = -next.reduce((sum, row, j) => sum + row[j], 0) / k;
    bottom.push(coefficient);
    power = next.map((row, j) => row.map((x, n) => (j === n ? x + coefficient : x)));
  }
  return [top, bottom];
}

const derivative = (poly) => poly.slice(1).map((x, k) => x * (k + 1));

function valueAt(poly, x) {
  let sum = 0;
  for (let k = poly.length - 1; k >= 0; k--) sum = sum * x + poly[k];
  return sum;
}

function times(one, other) {
  const product = new Array(Math.max(one.length + other.length - 1, 0)).fill(0);
  one.forEach((a, j) => other.forEach((b, k) => { product[j + k] += a * b; }));
  return product;
}

function minus(one, other) {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, k) => (one[k] ?? 0) - (other[k] ?? 0));
}

/** The root of a polynomial between two places of which it goes one way only; nan where it has none there.
 *
 * A chord that keeps an end halves its weight (Illinois), and every third step halves what is left.
 */
function rootBetween(poly, low, high) {
  let [below, above] = [valueAt(poly, low), valueAt(poly, high)];
  if (below * above > 0) return NaN;
  let kept = 0;
  for (let n = 1; n < 90 && below !== 0 && above !== 0; n++) {
    const middle = n % 3 === 0 ? (low + high) / 2 : low + (high - low) * (below / (below - above));
    if (middle <= low || middle >= high || high - low < 1e-15) break;
    const found = valueAt(poly, middle);
    if (found * below > 0) {
      [low, below] = [middle, found];
      if (kept === 1) above /= 2;
      kept = 1;
    } else {
      [high, above] = [middle, found];
      if (kept === -1) below /= 2;
      kept = -1;
    }
  }
  return below === 0 ? low : high;
}

/** Roots of a polynomial between 0 and 1: between those of its derivative it goes one way only. */
function rootsWithin(poly) {
  const most = Math.max(...poly.map(Math.abs));
  let kept = poly.length;
  while (kept && Math.abs(poly[kept - 1]) <= 1e-14 * most) kept--;
  if (kept < 2) return [];
  const trimmed = poly.slice(0, kept);
  const turns = [0, ...rootsWithin(derivative(trimmed)), 1];
  const roots = [];
  for (let k = 0; k + 1 < turns.length; k++) {
    const root = rootBetween(trimmed, turns[k], turns[k + 1]);
    if (root > 0 && root < 1) roots.push(root);
  }
  return roots;
}
