// What the page says: a solution in plain words, and the command line and the Python that give the same.

/** What a model is called. */
function nameOf(state, k) {
  return state.names[k] || `model ${k + 1}`;
}

/** The commitment, the users and the price in a few sentences. */
function sentences(state, solution, shown) {
  const { best, decline } = solution;
  const [, cost] = state.units;
  if (decline && solution.visited.length === 0) {
    return [
      "Offer what nobody wants: users decline, and every task is lost.",
      `That costs ${amount(best.cost, cost, COST_DIGITS)} a task, the churn penalty, and nothing that they would take costs less.`,
    ];
  }
  const said = [commitmentText(state, solution, shown), usersText(state, solution, shown)];
  const all = best.solveProb === 1 ? "all of them are solved" : `${share(best.solveProb)} of them are solved`;
  said.push(`A task costs ${amount(best.cost, cost, COST_DIGITS)}, and ${all}. ${certainty(solution)}`);
  return said;
}

function certainty(solution) {
  if (solution.exact) return "No commitment costs less.";
  const more = (solution.best.cost - solution.lower) / solution.best.cost;
  return `It is the best one known in this order, at most ${percent(more)} of it above the least that is possible.`;
}

/** What the provider commits to, in one sentence. */
function commitmentText(state, solution, shown) {
  const { best } = solution;
  const slow = slowedModel(solution);
  if (slow !== null) {
    const latency = writtenAmount(shownLatency(solution, slow), state.units[0]);
    return `Start with ${nameOf(state, slow)}, slowed down to ${latency} a pass.`;
  }
  const drawn = solution.visited.length > 1 && shown.matrix.every((row) => row.every((x, k) => x === shown.matrix[0][k]));
  const first = shown.start.indexOf(1);
  const begin = first < 0 ? `Draw each pass: ${drawText(state, shown.start)}` : `Start with ${nameOf(state, first)}`;
  if (drawn && first < 0) return `${begin}.`;
  if (best.abandon === 1) {
    const threat = shown.matrix[first].indexOf(Math.max(...shown.matrix[first]));
    return threat === first ? `${begin}.` : `${begin}, and let every failure go to ${nameOf(state, threat)}, which users would not wait for.`;
  }
  if (solution.visited.length === 1) return `${begin}, for every pass.`;
  const rows = solution.visited.flatMap((k) => {
    const row = shown.matrix[k];
    if (row[k] === 1) return [];
    const others = row.flatMap((x, j) => (x > 0 && j !== k ? [j] : []));
    const [whose, its] = k === first ? ["its failures", "it"] : [`the failures of ${nameOf(state, k)}`, nameOf(state, k)];
    if (row[k] > 0) return [`hand ${handedOver(row[others[0]])} of ${whose} over to ${nameOf(state, others[0])}`];
    if (others.length === 1) return [`give all ${whose} to ${nameOf(state, others[0])}`];
    return [`after a failure of ${its} draw ${drawText(state, row)}`];
  });
  return `${begin}; ${rows.join(", and ")}.`;
}

function drawText(state, row) {
  const models = row.flatMap((x, k) => (x > 0 ? [k] : []));
  const [first, ...rest] = models;
  if (rest.length === 0) return nameOf(state, first);
  const listed = models.slice(0, -1).map((k) => `${nameOf(state, k)} in ${handedOver(row[k])}`);
  return `${listed.join(", ")}, else ${nameOf(state, models.at(-1))}`;
}

/** The model that is slowed down at the equilibrium; null where none is. */
function slowedModel(solution) {
  const k = solution.best.latencyInForce.findIndex((t, n) => t > solution.game.t[n]);
  return k < 0 ? null : k;
}

/** What users do, and why. */
function usersText(state, solution, shown) {
  const { best, game, worth } = solution;
  const [unit] = state.units;
  if (best.abandon > 0 && best.abandon < 1) {
    return `Users cannot tell which model answers, and leave after ${share(best.abandon)} of their failures.`;
  }
  if (best.abandon === 1) {
    if (slowedModel(solution) !== null) return "Then another pass is not worth its wait, and users leave after a failure.";
    return "Users leave after a failure, since another pass is not worth its wait.";
  }
  const place = edgePlace(shown);
  const [first] = solution.visited;
  if (place === null || !tips(game, shown, place, solution)) {
    const last = solution.visited.find((k) => shown.matrix[k][k] === 1) ?? first;
    return `Users stay: a pass of ${nameOf(state, last)} is worth ${amount(worth[last], unit)} to them.`;
  }
  const over = tips(game, shown, place, solution);
  const more = over.cost / best.cost - 1;
  const changed = over.q === 1 ? "they would leave" : "some of them would leave";
  const dearer = more > 0 ? `, and a task would cost ${moreText(more)}` : "";
  return `Users stay, and only just: at ${handedOver(over.s)} ${changed}${dearer}.`;
}

/** What is so much more, as a share or in times. */
const moreText = (more) => (more < 2 ? `${percent(more)} more` : `${number(1 + more)} times as much`);

/** The place of the one probability that keeps users; null where there is none. */
function edgePlace(shown) {
  const odd = oddPlaces(shown);
  return odd.length === 1 && odd[0][0][0] >= 0 && odd[0].length === 1 ? odd[0][0] : null;
}

/** What happens one unit of the last digit to the wrong side of a hand-over; null where nothing does. */
function tips(game, shown, place, { decline, best }) {
  const s = placeOf(shown, place);
  const [, power] = shortest(s);
  for (const step of [-1, 1]) {
    const moved = Number((s + step * 10 ** power).toFixed(Math.max(-power, 0)));
    if (moved < 0 || moved > 1) continue;
    const found = consequences(game, withProb(shown, [place], moved), { decline });
    if (found.q !== best.abandon) return { s: moved, ...found };
  }
  return null;
}

/** The command line that gives the same. */
function commandOf(state, menus) {
  const base = menus.find((menu) => menu.name === state.menu && menu.whole);
  const same = (name) => base !== undefined && String(base[name]) === String(state[name]);
  const words = ["routegame solve"];
  const kept = base !== undefined && ["p", "t", "c"].some(same) && base.p.length === state.p.length;
  if (kept) words.push(base.name);
  const options = { value: "task-value", penalty: "churn-penalty", p: "success-prob", t: "latency", c: "cost" };
  for (const [name, option] of Object.entries(options)) {
    if (!kept || !same(name)) words.push(`--${option} ${[state[name]].flat().join(" ")}`);
  }
  if (state.order !== (state.p.length === 2 ? "paper" : "free")) words.push(`--order ${state.order}`);
  if (state.decline) words.push("--decline");
  if (state.throttling) words.push("--throttling");
  return words.join(" ");
}

/** The Python that gives the same. */
function pythonOf(state) {
  const tuple = (numbers) => `(${numbers.join(", ")})`;
  const options = [];
  if (state.order !== (state.p.length === 2 ? "paper" : "free")) options.push(`order="${state.order}"`);
  if (state.decline) options.push("decline=True");
  if (state.throttling) options.push("throttling=True");
  return [
    "from routegame import Game, solve",
    "",
    "game = Game(",
    `    task_value=${state.value},`,
    `    churn_penalty=${state.penalty},`,
    `    success_prob=${tuple(state.p)},`,
    `    latency=${tuple(state.t)},`,
    `    cost=${tuple(state.c)},`,
    ")",
    `solution = solve(${["game", ...options].join(", ")})`,
    "print(solution.equilibrium)",
  ].join("\n");
}

/** The solution as `routegame solve --json` has it, as far as the page knows it. */
function documentOf(state, solution, view) {
  const { best, liked, throttling, game } = solution;
  const game_ = { task_value: game.value, churn_penalty: game.penalty, success_prob: game.p, latency: game.t, cost: game.c };
  if (state.names.some(Boolean)) game_.names = game.p.map((_, k) => nameOf(state, k));
  return {
    game: game_,
    net_value: solution.worth,
    cost_of_pass: solution.stay,
    order: solution.order,
    decline: solution.decline,
    equilibrium: {
      route: best.route || null, cascade_prob: best.cascade, abandon_prob: best.abandon,
      throttled_latency: best.latencyInForce, solve_prob: best.solveProb, expected_latency: best.latency,
      expected_cost: best.expectedCost, user_utility: best.utility, provider_cost: best.cost,
    },
    user_preferred: {
      route: liked.model + 1, solve_prob: liked.solveProb, expected_latency: liked.latency,
      expected_cost: liked.expectedCost, user_utility: liked.utility, provider_cost: liked.cost,
    },
    misalignment_gap: solution.gap,
    throttling: {
      pays: throttling.pays, gain: throttling.gain, provider_cost: throttling.cost, throttled_latency: throttling.latency,
      safe_churn_penalty: throttling.safe,
    },
    price_of_going_on: solution.price,
    policy: best.policy,
    visited: solution.visited.map((k) => k + 1).sort((a, b) => a - b),
    certificate: { lower_bound: solution.lower, status: solution.exact ? "exact" : "gap" },
    link: linkOf(state, view),
  };
}
