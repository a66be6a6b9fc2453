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
  const row = new Array(count).fill(0);
  row[which] = 1;
  return row;
}

/** Rows of a matrix in which every model keeps at it. */
function unchanged(count) {
  const rows = [];
  for (let k = 0; k < count; k++) rows.push(oneOf(count, k));
  return rows;
}

/** A policy whose rows are all alike. */
function redrawn(start, row) {
  return { start, matrix: start.map(() => [...row]) };
}

/** Start at i, go on to l with probability x, else to j; from l to j with probability s. Others keep at it. */
function listed(count, i, l, j, x, s) {
  const matrix = unchanged(count);
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

/** Solution of a small linear system, by elimination with pivots; null where it has none. Rows are [...matrix, right]. */
function solved(rows) {
  const size = rows.length;
  for (let k = 0; k < size; k++) {
    let best = k;
    for (let j = k + 1; j < size; j++) if (Math.abs(rows[j][k]) > Math.abs(rows[best][k])) best = j;
    if (rows[best][k] === 0) return null;
    const pivot = rows[best];
    rows[best] = rows[k];
    rows[k] = pivot;
    for (let j = k + 1; j < size; j++) {
      const row = rows[j];
      const factor = row[k] / pivot[k];
      if (factor) for (let n = k; n <= size; n++) row[n] -= factor * pivot[n];
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
function passesOf(game, { start, matrix }, stay) {
  const size = start.length;
  const rows = [];
  for (let k = 0; k < size; k++) {
    const row = new Array(size + 1);
    for (let j = 0; j < size; j++) row[j] = (j === k ? 1 : 0) - (1 - game.p[j]) * stay[j] * matrix[j][k];
    row[size] = start[k];
    rows.push(row);
  }
  return solved(rows);
}

function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

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

/** The best answer of a memoryless user to a policy: the probability of leaving after a failure; ties go to staying. */
const answerTo = (game, policy) => narrowAnswer(...narrowed(game, policy));

/** The same where all models may run.
 *
 * With r = 1 − q its utility is N(r) / B(r), B(r) = det(1 − r D). It is best at an end of [0, 1], or where N'B − NB' is 0.
 */
function narrowAnswer(game, policy) {
  const { start, matrix } = policy;
  const worth = netValues(game);
  const step = matrix.map((row, a) => row.map((x) => (1 - game.p[a]) * x));
  const [top, bottom] = quotient(start, step, worth);
  const tried = [1, 0, ...rootsWithin(minus(times(derivative(top), bottom), times(top, derivative(bottom))))];
  const played = tried.map((r) => (r === 0 ? start : passesOf(game, policy, new Array(start.length).fill(r))));
  const utility = played.map((n) => dot(n, worth));
  const best = Math.max(...utility);
  let answer = 0;
  tried.forEach((r, k) => {
    const scale = dot(played[k], game.p) * game.value + dot(played[k], game.t);
    if (r > answer && utility[k] >= best - INDIFFERENCE * scale) answer = r;
  });
  return 1 - answer;
}

/** Polynomials N and B with startᵀ (1 − r D)⁻¹ w = N(r) / B(r), lowest coefficient first (Faddeev and LeVerrier). */
function quotient(start, step, worth) {
  const size = start.length;
  let power = unchanged(size);
  const top = [];
  const bottom = [1];
  for (let k = 1; k <= size; k++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += start[j] * dot(power[j], worth);
    top.push(sum);
    const next = [];
    let trace = 0;
    for (let j = 0; j < size; j++) {
      const row = new Array(size).fill(0);
      for (let n = 0; n < size; n++) {
        const x = step[j][n];
        if (x !== 0) for (let i = 0; i < size; i++) row[i] += x * power[n][i];
      }
      trace += row[j];
      next.push(row);
    }
    const coefficient = -trace / k;
    bottom.push(coefficient);
    for (let j = 0; j < size; j++) next[j][j] += coefficient;
    power = next;
  }
  return [top, bottom];
}

function derivative(poly) {
  const found = [];
  for (let k = 1; k < poly.length; k++) found.push(k * poly[k]);
  return found;
}

function valueAt(poly, x) {
  let sum = 0;
  for (let k = poly.length - 1; k >= 0; k--) sum = sum * x + poly[k];
  return sum;
}

function times(one, other) {
  const product = new Array(Math.max(one.length + other.length - 1, 0)).fill(0);
  for (let j = 0; j < one.length; j++) for (let k = 0; k < other.length; k++) product[j + k] += one[j] * other[k];
  return product;
}

function minus(one, other) {
  const found = [];
  for (let k = 0; k < Math.max(one.length, other.length); k++) found.push((one[k] ?? 0) - (other[k] ?? 0));
  return found;
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

/** Whether a polynomial has one sign from 0 to 1, as it has where all of its Bernstein coefficients there have one. */
function hasOneSign(poly) {
  const degree = poly.length - 1;
  let [rising, falling] = [false, false];
  for (let j = 0; j <= degree; j++) {
    let [sum, ratio] = [0, 1]; // the ratio is C(j, k) / C(degree, k)
    for (let k = 0; k <= j; k++) {
      sum += ratio * poly[k];
      ratio *= (j - k) / (degree - k);
    }
    if (sum >= 0) rising = true;
    if (sum <= 0) falling = true;
    if (rising && falling) return false;
  }
  return true;
}

/** Roots of a polynomial between 0 and 1: between those of its derivative it goes one way only. */
function rootsWithin(poly) {
  const most = Math.max(...poly.map(Math.abs));
  let kept = poly.length;
  while (kept && Math.abs(poly[kept - 1]) <= 1e-14 * most) kept--;
  if (kept < 2) return [];
  const trimmed = poly.slice(0, kept);
  if (hasOneSign(trimmed)) return [];
  const turns = [0, ...rootsWithin(derivative(trimmed)), 1];
  const roots = [];
  for (let k = 0; k + 1 < turns.length; k++) {
    const root = rootBetween(trimmed, turns[k], turns[k + 1]);
    if (root > 0 && root < 1) roots.push(root);
  }
  return roots;
}
