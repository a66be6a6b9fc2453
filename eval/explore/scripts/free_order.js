// The equilibrium where the order of the models is the provider's choice: routegame.agents.menus, see docs/models.md.

const JUST_NOT_WORTH_IT = 1 + 2 * INDIFFERENCE; // latency at which users leave, relative to V p: there they still stay

/** The cheapest way of going on after a first failure; `inOrder`: a task is never handed to an earlier model. */
function goingOn(worth, p, c, penalty, inOrder = false) {
  const stay = p.map((x, k) => (worth[k] < 0 ? Infinity : c[k] / x));
  let keeps = leastOf(stay);
  let price = stay[keeps];
  const worst = leastOf(worth);
  let way = "stay";
  if (worth[worst] <= 0 && penalty < price * (1 - INDIFFERENCE)) {
    [way, price, keeps] = ["leave", penalty, worst];
  }
  let [waits, share] = [keeps, 0];
  let best = Infinity;
  let pair = null;
  for (let a = 0; a < p.length; a++) {
    for (let b = a + 1; b < p.length; b++) {
      if (!(worth[a] * worth[b] < 0) || (inOrder && worth[a] > 0)) continue;
      const odds = -(worth[a] / worth[b]);
      const paid = (odds * c[b] + c[a]) / (odds * p[b] + p[a]);
      if (odds > 0 && odds < Infinity && paid < best) [best, pair] = [paid, [a, b, odds]];
    }
  }
  if (pair !== null && best < price * (1 - INDIFFERENCE)) {
    const [a, b, odds] = pair;
    const slow = worth[a] < 0;
    [price, way] = [best, "mix"];
    [waits, keeps] = slow ? [a, b] : [b, a];
    share = 1 / (1 + (slow ? odds : 1 / odds));
  }
  return { price, way, waits, keeps, share };
}

/** How a list i, l, j whose start is a third model hands over: from i to l, else j; and from l to j, above 1 if it cannot. */
function handOvers(waits, solves, keeps) {
  const moves = -waits / ((1 - solves) * keeps);
  return [moves > 1 ? keeps / (solves * keeps - waits) : 1, moves];
}

/** Solve a game with its order free. */
function solveFree(game, { throttling = false, decline = false } = {}) {
  const { p, t, c, penalty } = game;
  const worth = netValues(game);
  const count = p.length;
  const going = goingOn(worth, p, c, penalty);
  const reach = p.map((x, k) => c[k] + (1 - x) * going.price);
  let first = going.waits;
  let lower = going.price;
  if (!decline) {
    const cheapest = leastOf(reach);
    lower = reach[cheapest];
    const visited = going.way !== "leave" && reach[going.waits] <= lower * (1 + INDIFFERENCE);
    first = visited ? going.waits : cheapest;
  }
  const leaves = Number(going.way === "leave");
  let policy = redrawn(oneOf(count, first), oneOf(count, going.keeps));
  let cascade = first === 0 && going.keeps === 1 ? 1 : null;
  let route = first + 1;
  let played;
  if (going.way === "mix") {
    ({ policy, cascade, route, played } = mixed(game, worth, first, going, decline));
  } else {
    played = unmixed(game, worth, first, going.keeps, 1 - leaves, decline);
  }
  const slowed = slowDown(game, worth, lower, decline);
  const liked = favourite(game, worth, decline);
  const best = { policy, route, cascade, abandon: leaves, latencyInForce: [...t], ...played };
  let certified = lower;
  if (throttling && slowed.pays) {
    const passes = decline ? 0 : 1;
    const own = oneOf(count, slowed.model);
    const waited = passes * slowed.latency[slowed.model];
    Object.assign(best, {
      policy: redrawn(own, own), route: slowed.model + 1, cascade: null, abandon: 1, latencyInForce: slowed.latency,
      solveProb: passes * p[slowed.model], latency: waited, expectedCost: passes * c[slowed.model],
      utility: game.value * passes * p[slowed.model] - waited, cost: slowed.cost,
    });
    certified = slowed.cost;
  }
  return {
    order: "free", game, worth, stay: p.map((x, k) => c[k] / x), price: going.price, way: going.way, going, best,
    visited: visitedIn(best, decline), lower: certified, exact: true, liked, decline,
    gap: Math.max(liked.utility - best.utility, 0),
    throttling: { ...slowed, gain: slowed.pays ? lower - slowed.cost : 0 },
  };
}

/** Models that ever run under a profile. */
function visitedIn(best, decline) {
  const stays = best.abandon !== 1;
  return decline && !stays ? [] : visitedBy(best.policy, stays);
}

/** What comes of one pass of the first model, and then one model for good, or nothing. */
function unmixed(game, worth, first, keeps, stays, decline) {
  const { p, t, c, penalty } = game;
  const passes = decline ? stays : 1;
  const more = decline ? (stays * (1 - p[first])) / p[first] : (stays * (1 - p[first])) / p[keeps];
  const sum = (x) => more * x[keeps] + passes * x[first];
  const solveProb = Math.max(passes * p[first], stays);
  const expectedCost = sum(c);
  return { solveProb, latency: sum(t), expectedCost, utility: sum(worth), cost: penalty * (1 - solveProb) + expectedCost };
}

/** Policy and outcome where two models are mixed so that going on is worth nothing. */
function mixed(game, worth, i, going, decline) {
  const { p, t, c } = game;
  const { waits: l, keeps: j, share: w } = going;
  const [forever, aL] = [worth[j] / p[j], 1 - p[l]];
  const own = i === l;
  const [x, third] = handOvers(worth[l], p[l], forever);
  const s = own && !decline ? -worth[l] / (forever - worth[l]) : Math.min(third, 1);
  const drawn = decline && third > 1;
  const unsolved = decline ? 1 : 1 - p[i];
  const starts = decline ? 0 : 1;
  let [nL, nJ] = [0, 0];
  if (drawn) {
    const draws = unsolved / (w * p[l] + (1 - w) * p[j]);
    [nL, nJ] = [w * draws, (1 - w) * draws];
  } else if (decline) {
    nL = 1 / (p[l] + aL * s);
    nJ = (nL * aL * s) / p[j];
  } else {
    const moves = aL * s;
    nL = (own ? aL * (1 - s) : unsolved * x) / (p[l] + moves);
    nJ = ((own ? moves : unsolved * (1 - x)) + nL * moves) / p[j];
  }
  const sum = (each) => starts * each[i] + nL * each[l] + nJ * each[j];
  const cost = sum(c);
  const played = { solveProb: 1, latency: sum(t), expectedCost: cost, utility: starts * worth[i], cost };
  if (drawn) {
    const row = p.map((_, k) => (k === l ? w : k === j ? 1 - w : 0));
    return { policy: redrawn([...row], row), cascade: null, route: 0, played };
  }
  const policy = redrawn(oneOf(p.length, i), oneOf(p.length, j));
  if (!own) {
    policy.matrix[i][j] = 1 - x;
    policy.matrix[i][l] = x;
  }
  policy.matrix[l][j] = s;
  policy.matrix[l][l] = 1 - s;
  return { policy, cascade: i === 0 && j === 1 && own ? s : null, route: i + 1, played };
}

/** The model that users would have for good, or else one pass of one. */
function favourite(game, worth, decline) {
  const { p, t, c, penalty } = game;
  const forever = leastOf(worth.map((x, k) => -x / p[k]));
  const good = worth[forever] >= 0;
  const model = good ? forever : leastOf(worth.map((x) => -x));
  const passes = good ? 1 / p[model] : Number(!decline);
  const solveProb = good ? 1 : passes * p[model];
  const expectedCost = passes * c[model];
  return {
    model, good, handsOver: false, solveProb, latency: passes * t[model], expectedCost, utility: passes * worth[model],
    cost: penalty * (1 - solveProb) + expectedCost,
  };
}

/** What slowing one model down until users leave it would cost, and from which churn penalty on it never pays. */
function slowDown(game, worth, lower, decline) {
  const { p, t, c, value, penalty } = game;
  const leave = p.map((x, k) => (decline ? penalty : c[k] + (1 - x) * penalty));
  const model = leastOf(leave);
  const cost = leave[model];
  const pays = cost < lower * (1 - INDIFFERENCE);
  const latency = [...t];
  if (pays) latency[model] = value * JUST_NOT_WORTH_IT * p[model];
  const safe = Math.min(...worth) > 0 ? Math.min(...p.map((x, k) => c[k] / x)) : 0;
  return { pays, cost: pays ? cost : lower, latency, model, safe };
}
