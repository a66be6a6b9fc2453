// What commitments cost along a line through the optimum, where users' answers tip over, and who lies where.

const NUM_POINTS = 65;
const CLOSE = 1e-9; // width to which a place where users' answers change is narrowed down

/** The lines that are drawn: each says what it varies, as policies by a probability, and where the optimum is on it. */
function linesOf(state, solution) {
  const { game, best, order } = solution;
  const count = game.p.length;
  if (count === 2) {
    const turns = order === "free" ? [[0, 1], [1, 0]] : [[0, 1]];
    return turns.map(([a, b]) => ({
      label: `start with ${nameOf(state, a)}, hand over to ${nameOf(state, b)}`, axis: "failures handed over",
      policyAt: (x) => listed(2, a, a, b, 1, x), at: placeOn(best.policy, a, b), kept: (x) => x,
    }));
  }
  const [places] = oddPlaces(best.policy);
  if (places !== undefined) {
    const [row, k] = places[0];
    const what = row < 0 || places.length > 1
      ? `passes of ${nameOf(state, k)}` : `failures of ${nameOf(state, row)} handed over to ${nameOf(state, k)}`;
    return [{ label: what, axis: what, policyAt: (x) => withProb(best.policy, places, x), at: placeOf(best.policy, places[0]) }];
  }
  const [a, b] = turnOf(solution);
  const what = `failures of ${nameOf(state, a)} handed over to ${nameOf(state, b)}`;
  return [{ label: what, axis: what, policyAt: (x) => listed(count, a, a, b, 1, x), at: placeOn(best.policy, a, b) }];
}

/** Models between which a line is drawn where the optimum mixes none: from its start to where it goes on, or might. */
function turnOf({ game, best, order }) {
  const { p, c } = game;
  const first = best.policy.start.indexOf(1);
  const next = best.policy.matrix[first].indexOf(1);
  if (next !== first) return [first, next];
  const others = p.flatMap((_, k) => (k !== first && (order === "free" || k > first) ? [k] : []));
  if (others.length === 0) return [first - 1, first];
  return [first, others.reduce((a, b) => (c[b] / p[b] < c[a] / p[a] ? b : a))];
}

/** Where a policy lies on the line of those who start with a and hand over to b; null where it does not. */
function placeOn(policy, a, b) {
  if (policy.start[a] !== 1 || policy.matrix[b].some((x, k) => x > 0 && k !== b && policy.matrix[a][b] > 0)) return null;
  const [stays, goes] = [policy.matrix[a][a], policy.matrix[a][b]];
  return Math.abs(stays + goes - 1) < 1e-12 ? goes : null;
}

/** Kind of users' answer, which changes where the cost may jump. */
const kindOf = ({ q, declined }) => (declined ? "decline" : q === 0 ? "stay" : q === 1 ? "leave" : "mix");

/** Game and policies of a line without the models that it never comes to, which are most of many. */
function narrowedLine(game, line) {
  const [ends, inside] = [[line.policyAt(0), line.policyAt(1)], line.policyAt(0.5)];
  const [smaller] = narrowed(game, inside);
  const reached = visitedBy(inside, true);
  const [from, to] = ends.map((policy) => [policy.start, ...reached.map((k) => policy.matrix[k])].map((row) => reached.map((k) => row[k])));
  const between = (x, row) => from[row].map((a, k) => (1 - x) * a + x * to[row][k]);
  return [smaller, (x) => ({ start: between(x, 0), matrix: reached.map((_, row) => between(x, row + 1)) })];
}

/** Cost and answers along a line, ascending, with both sides of every place where the kind of answer changes. */
function traced(game, line, decline, end) {
  const [smaller, policyAt] = narrowedLine(game, line);
  const at = (x) => ({ x, ...narrowConsequences(smaller, policyAt(x), decline) });
  const marks = new Set();
  for (let k = 0; k < NUM_POINTS; k++) marks.add((k * end) / (NUM_POINTS - 1));
  if (line.at !== null && line.at < end) marks.add(line.at);
  const points = [...marks].sort((a, b) => a - b).map(at);
  const found = [points[0]];
  for (const next of points.slice(1)) {
    let [low, high] = [found.at(-1), next];
    if (kindOf(low) !== kindOf(high)) {
      while (high.x - low.x > CLOSE) {
        const middle = at((low.x + high.x) / 2);
        if (kindOf(middle) === kindOf(low)) low = middle;
        else high = middle;
      }
      found.push(low, high);
    }
    found.push(next);
  }
  return found;
}

/** Each model for good, or until users leave it, and what comes of it. */
function staticModels(game, decline) {
  return game.p.map((_, k) => {
    const own = oneOf(game.p.length, k);
    return consequences(game, redrawn(own, own), { decline });
  });
}

/** What stands beside the equilibrium: the rule of the paper, users' favourite, nobody committing. */
function rivalsOf(state, solution) {
  const { game, liked, stay, decline } = solution;
  const statics = staticModels(game, decline);
  const rule = leastOf(stay);
  const favourite = liked.handsOver
    ? { x: 1, ...consequences(game, listed(2, 0, 0, 1, 1, 1), { decline }) } : statics[liked.model];
  const rivals = [
    { kind: "rule", name: "the threshold rule", what: `${nameOf(state, rule)}, whose success costs least`, model: rule, ...statics[rule] },
    {
      kind: "liked", name: "users' favourite", model: liked.handsOver ? null : liked.model,
      what: liked.handsOver ? `${nameOf(state, 0)}, then ${nameOf(state, 1)} at once` : nameOf(state, liked.model), ...favourite,
    },
  ];
  if (game.p.length === 2) {
    const { cost, pure } = nobodyCommits(game, solution.worth, ...alone(game), 0);
    rivals.push({ kind: "nash", name: "nobody commits", what: pure ? "both choose at once" : "both choose at once, by chance", cost, q: null });
  }
  return { statics, rivals };
}

function alone({ p, c, penalty }) {
  return [p.map((x, k) => c[k] + penalty * (1 - x)), p.map((x, k) => c[k] / x)];
}

const [LEFT, RIGHT, TOP, BOTTOM] = [62, 14, 26, 46];
const ZOOM = 3; // ends of the axis, in places of the optimum, where the line is looked at closely

/** The chart: lines of costs, levels, marks, and beside it a strip with each model for good. */
function costChart(state, solution, { width, height, closely, probe }) {
  const [, unit] = state.units;
  const { game, best, decline } = solution;
  const lines = linesOf(state, solution);
  const { statics, rivals } = rivalsOf(state, solution);
  const near = Math.max(...lines.map((line) => line.at ?? 0));
  const end = closely && near > 0 && near * ZOOM < 1 ? near * ZOOM : 1;
  const curves = lines.map((line) => traced(game, line, decline, end));
  const nash = rivals.find((rival) => rival.kind === "nash");
  const slowed = solution.throttling.pays && state.throttling ? solution.throttling.cost : null;
  const active = Math.max(lines.findIndex((line) => line.at !== null), 0);
  const around = closely ? curves[active].filter((point) => kindOf(point) === kindOf({ q: best.abandon })) : [];
  const everything = [...curves.flat(), ...statics, best, ...(nash ? [nash] : [])];
  const costs = (around.length > 1 ? [best, ...around] : everything).map((point) => point.cost);
  const [low, high] = [Math.min(...costs), Math.max(...costs)];
  const pad = high - low > 1e-9 * Math.abs(high) ? 0.07 * (high - low) : 0.05 * Math.abs(high) || 1;
  const wide = width < 480 ? 11 : 16; // of a column of the strip
  const strip = 22 + wide * game.p.length;
  const many = width < 480 ? 2 : 5;
  const x = scaleOf(0, end, LEFT, width - RIGHT - 10 - strip);
  const y = scaleOf(low - pad, high + pad, height - BOTTOM, TOP);
  const stripX = x.stop + 26;
  const column = (k) => stripX + 4 + wide * (k + 0.5);
  const within = ({ cost }) => cost >= y.low && cost <= y.high;
  const level = ({ cost }, style) => draw("path", { class: `line ${style}`, d: `M${LEFT} ${short(y(cost))}H${width - 4}` });
  const [xTicks, yTicks] = [ticksOf(x, many), ticksOf(y)];
  const levels = [];
  if (nash && within(nash)) levels.push(level(nash, "route2"));
  if (slowed !== null && within({ cost: slowed })) levels.push(level({ cost: slowed }, "slowed"));
  const [drawnLines, drawnCliffs] = [[], []];
  curves.forEach((curve, n) => {
    const style = `k${n} d${n}`;
    const [pieces, cliffs] = broken(curve, (high - low) * 1e-3);
    for (const [a, b] of cliffs) {
      drawnCliffs.push(draw("path", { class: `line cliff ${style}`, d: `M${short(x(a.x))} ${short(y(a.cost))}V${short(y(b.cost))}` }));
    }
    drawnLines.push(draw("path", { class: `line ${style}`, d: pathOf(pieces.map((at) => (at && within(at) ? [x(at.x), y(at.cost)] : null))) }));
  });
  const marks = statics.flatMap((one, k) => (within(one) ? [mark(column(k), y(one.cost), "m0", "mark", 0.9)] : []));
  const rings = rivals.filter((rival) => rival.kind !== "nash" && within(rival)).map((rival) =>
    mark(rival.model === null ? x(1) : column(rival.model), y(rival.cost), rival.kind === "rule" ? "m3" : "m2", "mark hollow ring", 1.9));
  const tried = [];
  if (probe !== null) {
    const found = consequences(game, lines[active].policyAt(probe), { decline });
    tried.push(draw("path", { class: "line aim", d: `M${short(x(probe))} ${y.start}V${y.stop}` }), mark(x(probe), y(found.cost), "m0", `mark k${active}`, 1.2));
  }
  const on = lines.find((line) => line.at !== null && slowedModel(solution) === null);
  // What there may be more or less of stands in a group of its own, so that the rest stays as it is from answer to answer.
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-labelledby": "cost-t cost-d" },
    draw("title", { id: "cost-t" }, "What a task costs the provider, by its commitment"),
    draw("desc", { id: "cost-d" }, "The same is in the table below."),
    draw("path", { class: "grid", d: xTicks.map((v) => `M${short(x(v))} ${y.start}V${y.stop}`).join("")
      + yTicks.map((v) => `M${LEFT} ${short(y(v))}H${short(x.stop)}`).join("") }),
    draw("path", { class: "strip", d: `M${stripX} ${y.stop}H${width - 4}V${y.start}H${stripX}Z` }),
    draw("path", { class: "axis", d: `M${LEFT} ${y.stop}V${y.start}H${short(x.stop)}` }),
    draw("g", {}, ...xTicks.map((v) => draw("text", { class: "tick mid", x: short(x(v)), y: y.start + 18 }, percent(v)))),
    draw("g", {}, ...yTicks.map((v) => draw("text", { class: "tick end", x: LEFT - 6, y: short(y(v) + 4) }, amount(v, unit)))),
    draw("text", { class: "label mid", x: short((LEFT + x.stop) / 2), y: height - 6 }, clipped(lines[0].axis, (x.stop - LEFT + 40) / 6.6)),
    draw("text", { class: "label", x: 2, y: 13 }, "cost of a task"),
    draw("text", { class: "label end", x: width - 4, y: 13 }, "one model for good"),
    draw("g", {}, ...statics.map((_, k) => draw("text", { class: "tick mid", x: short(column(k)), y: y.start + 18 }, k + 1))),
    ...[levels, drawnCliffs, drawnLines, marks, rings, tried].map((group) => draw("g", {}, ...group)),
    mark(on ? x(on.at) : stripX - 7, y(best.cost), "star", "best", 1));
  return { svg, lines, active, curves, rivals, statics, end, shown: { nash, slowed } };
}

const clipped = (text, most) => (text.length > most ? `${text.slice(0, Math.max(1, Math.floor(most) - 1))}…` : text);

function mark(x, y, shape, style, size) {
  const where = `translate(${short(x)} ${short(y)})${size === 1 ? "" : ` scale(${size})`}`;
  return draw("use", { href: `#${shape}`, class: style, transform: where });
}

/** A curve in pieces, null between them, and the two ends of every jump. */
function broken(curve, least) {
  const [pieces, cliffs] = [[], []];
  curve.forEach((point, k) => {
    const before = curve[k - 1];
    if (before && kindOf(before) !== kindOf(point) && Math.abs(before.cost - point.cost) > least) {
      pieces.push(null);
      cliffs.push([before, point]);
    }
    pieces.push(point);
  });
  return [pieces, cliffs];
}
