// The page: controls change the state, and whatever shows it is made again, once a frame.

const DATA = JSON.parse(document.getElementById("data").textContent);
const MENUS = DATA.menus;
const at = (id) => document.getElementById(id);
const STEPS = 1000; // of a slider
const PAUSE = 500; // milliseconds without a change after which the answer is read out

let state;
let reach; // what sliders go up to
let probe = null;
let drawn = null;
let asked = false;
let played = null; // what the player plays, so that it begins anew when that is another
const map = new OptimumMap(() => showMap());
const player = new Player(at("play-canvas"), () => showPlayed());

/** Sliders: what they go up to, and how places and numbers belong together. */
const SLIDERS = {
  value: { number: (x) => reach.value * 1000 ** (x - 1), place: (v) => 1 + Math.log(v / reach.value) / Math.log(1000) },
  penalty: {
    number: (x) => (x === 0 ? 0 : reach.penalty * 10_000 ** (x - 1)),
    place: (v) => (v === 0 ? 0 : 1 + Math.log(v / reach.penalty) / Math.log(10_000)),
  },
  p: { number: (x) => Math.min(Math.max(x * x, 0.001), 0.999), place: Math.sqrt },
  t: { number: (x) => reach.t * x * x, place: (v) => Math.sqrt(v / reach.t) },
  c: { number: (x) => reach.c * x ** 3, place: (v) => Math.cbrt(v / reach.c) },
};

const placeOfSlider = (field, value) => Math.round(STEPS * Math.min(Math.max(SLIDERS[field].place(value), 0), 1));

/** Ends of the sliders: so far that every number of a state lies well within. */
function reachOf({ value, penalty, t, c }) {
  return { value: value * 30, penalty: (penalty || 1) * 100, t: 2.5 * (Math.max(...t) || 1), c: 2.5 * (Math.max(...c) || 1) };
}

/** Show a state, and of a link the sliders, the player and the commitment that is tried as they were. */
function load(next, view = PLAIN_VIEW) {
  state = next;
  reach = view.reach ?? reachOf(state);
  probe = view.probe;
  at("closely").checked = view.closely;
  at("play-users").value = view.users;
  at("play-seed").value = view.seed;
  at("play-speed").value = view.speed;
  player.speed = view.speed;
  layModels();
  change();
}

/** What is shown besides the state, as a link carries it. */
const viewOf = () => ({
  reach: same(reach, reachOf(state)) ? null : reach, probe, closely: at("closely").checked,
  users: Number(at("play-users").value), seed: Number(at("play-seed").value) || 0, speed: Number(at("play-speed").value),
});

const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);

/** Note that the state is another; all is shown at the next frame, however often that was said by then. */
function change() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    show();
  });
}

/** Show the state: solve it, and say, draw and list what follows. */
function show() {
  performance.mark("asked");
  const solution = solve(gameOf(state), rulesOf(state));
  drawn = { ...drawn, solution };
  const policy = shownPolicy(solution);
  const said = sentences(state, solution, policy);
  fill(at("answer"), said.map((sentence, k) => make("p", k === 0 ? { class: "lead" } : {}, sentence)));
  fill(at("bar"), [`A task costs ${amount(solution.best.cost, state.units[1], COST_DIGITS)}`]);
  showFigures(solution);
  showControls(solution);
  showChart(solution);
  afterwards();
  fill(at("command"), [commandOf(state, MENUS)]);
  fill(at("python"), [pythonOf(state)]);
  announce(said.join(" "));
  performance.measure("answer", "asked");
}

let turn = 0;

/** Show what nobody waits for once the answer is on the screen and the browser has nothing else to do. */
function afterwards() {
  const mine = ++turn;
  whenIdle(() => {
    if (mine !== turn) return;
    map.of(state, { value: reach.value / 30, penalty: reach.penalty / 100 });
    showMap();
    stage(drawn.solution);
  });
}

let pending;
function announce(text) {
  clearTimeout(pending);
  pending = setTimeout(() => {
    at("spoken").textContent = text;
    history.replaceState(null, "", linkOf(state, viewOf()));
  }, PAUSE);
}

function showFigures({ best, gap, price, throttling, thresholds, game }) {
  const [latency, cost] = state.units;
  const figures = [
    ["a task costs", amount(best.cost, cost, COST_DIGITS)],
    ["solved", share(best.solveProb)],
    ["waiting", amount(best.latency, latency)],
    ["worth to users", amount(Math.abs(best.utility) < 1e-9 * state.value ? 0 : best.utility, latency)],
    ["they would gain", amount(gap, latency)],
  ];
  if (price !== null) figures.push(["going on costs", amount(price, cost, COST_DIGITS)]);
  figures.push(["slowing down", throttling.pays ? `pays ${amount(throttling.gain, cost)}` : "does not pay"]);
  if (throttling.safe > 0) figures.push(["never pays from", writtenAmount(shownFrom(throttling.safe), cost)]);
  const edges = { s_0: "users stay from", s_L: "all stay up to", s_H: "all leave from" };
  if (thresholds) {
    for (const [name, s] of Object.entries(shownThresholds(game, thresholds))) figures.push([edges[name], handedOver(s)]);
  }
  fill(at("figures"), figures.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))));
}

// ---- controls

let controls; // inputs of numbers, each with its field and its model, and what it shows
let cards;

/** Lay out a card for each model. */
function layModels() {
  const laid = state.p.map((_, k) => {
    const card = at("model-card").content.firstElementChild.cloneNode(true);
    card.dataset.model = k;
    card.querySelector("legend").textContent = `Model ${k + 1}`;
    const name = card.querySelector("[data-name]");
    name.value = state.names[k];
    name.setAttribute("aria-label", `Name of model ${k + 1}`);
    card.querySelector("[data-remove]").setAttribute("aria-label", `Remove model ${k + 1}`);
    for (const input of card.querySelectorAll("[data-field]")) {
      const { field } = input.dataset;
      input.setAttribute("aria-label", `${FIELD_NAMES[field]} of model ${k + 1}${input.type === "range" ? ", slider" : ""}`);
    }
    return card;
  });
  at("models").replaceChildren(...laid);
  cards = laid.map((card) => ({ card, worth: card.querySelector("[data-worth]"), remove: card.querySelector("[data-remove]") }));
  controls = [...document.querySelectorAll("[data-field]")].map((input) => ({
    input, field: input.dataset.field, model: modelOf(input), slides: input.type === "range", value: null, unit: null,
  }));
}

const FIELD_NAMES = { value: "Task value", penalty: "Churn penalty", p: "Success probability", t: "Latency", c: "Cost" };

const modelOf = (element) => {
  const card = element.closest("[data-model]");
  return card === null ? null : Number(card.dataset.model);
};

const valueOf = (field, k) => (k === null ? state[field] : state[field][k]);

function set(field, k, value) {
  if (k === null) state[field] = value;
  else state[field][k] = value;
}

/** Bring the controls in line with the state; a field that is being typed in stays as it is. */
function showControls({ worth, stay }) {
  const [latency, cost] = state.units;
  const units = { value: latency, penalty: cost, t: latency, c: cost };
  for (const control of controls) {
    const { input, field } = control;
    const [value, unit] = [valueOf(field, control.model), units[field] ?? ""];
    if (control.slides) {
      if (control.value === value && control.unit === unit) continue;
      Object.assign(control, { value, unit });
      input.value = placeOfSlider(field, value);
      input.setAttribute("aria-valuetext", field === "p" ? share(value) : amount(value, unit, 4));
    } else if (input.value === String(value)) {
      continue;
    } else if (input !== document.activeElement || parsed(field, input.value) !== value) {
      if (input !== document.activeElement || input.getAttribute("aria-invalid") !== "true") input.value = String(value);
    }
  }
  cards.forEach((parts, k) => {
    fill(parts.worth, [`a pass is worth ${amount(worth[k], latency)}; a success costs ${amount(stay[k], cost)}`]);
    parts.card.classList.toggle("slow", worth[k] < 0);
    parts.remove.disabled = state.p.length === LEAST_MODELS;
  });
  at("new-model").disabled = at("measured").disabled = state.p.length === MOST_MODELS;
  for (const unit of document.querySelectorAll("[data-unit]")) fill(unit, units[unit.dataset.unit] ? [` (${units[unit.dataset.unit]})`] : []);
  at("order").value = state.order;
  at("order").querySelector("[value=paper]").disabled = state.p.length !== 2;
  at("decline").checked = state.decline;
  at("decline").disabled = state.order === "paper";
  at("decline-note").hidden = state.order !== "paper";
  at("throttling").checked = state.throttling;
  at("menu").value = state.menu ?? "";
  const menu = MENUS.find((other) => other.name === state.menu);
  fill(at("about"), menu ? [menu.about] : []);
}

/** Take what was typed or slid into the state; say of what is out of range what is allowed. */
function take(input) {
  const { field } = input.dataset;
  const k = modelOf(input);
  if (input.type === "range") {
    const value = Number(SLIDERS[field].number(input.value / STEPS).toPrecision(3));
    set(field, k, ALLOWED[field][1](value) ? value : valueOf(field, k));
    return change();
  }
  const value = parsed(field, input.value);
  input.setAttribute("aria-invalid", String(value === null));
  if (value === null) return complain(`${FIELD_NAMES[field]} must be ${ALLOWED[field][0]}.`);
  complain("");
  set(field, k, value);
  return change();
}

function complain(text) {
  at("complaint").textContent = text;
  at("complaint").hidden = text === "";
}

/** Let the state have other models; rules that these have no part in are dropped. */
function setModels(models) {
  state.names = models.map((model) => model.name);
  for (const field of ["p", "t", "c"]) state[field] = models.map((model) => model[field]);
  if (state.p.length !== 2 && state.order === "paper") state.order = "free";
  if (state.order === "paper") state.decline = false;
  probe = null;
  reach = { ...reachOf(state), value: reach.value, penalty: reach.penalty };
  layModels();
  change();
}

const modelsOf = () => state.p.map((p, k) => ({ name: state.names[k], p, t: state.t[k], c: state.c[k] }));

// ---- chart

function showChart(solution) {
  const height = room < 480 ? 300 : 340;
  const chart = costChart(state, solution, { width: room, height, closely: at("closely").checked, probe });
  fill(at("cost"), [chart.svg]);
  drawn = { ...drawn, chart };
  const swatch = (kind, style, shape) => draw("svg", { class: "swatch", viewBox: "0 0 30 16", width: 30, "aria-hidden": "true" },
    kind === "line" ? draw("path", { class: `line ${style}`, d: "M0 8H30" }) : mark(15, 8, shape, style, kind === "ring" ? 1.5 : 1));
  const entries = chart.lines.map((line, n) => ["line", `k${n} d${n}`, null, line.label]);
  entries.push(["mark", "best", "star", "equilibrium"], ["mark", "mark", "m0", "one model for good, by number"]);
  entries.push(["ring", "mark hollow ring", "m3", "the paper's threshold rule"], ["ring", "mark hollow ring", "m2", "users' favourite"]);
  if (chart.shown.nash) entries.push(["line", "route2", null, "nobody commits"]);
  if (chart.shown.slowed !== null) entries.push(["line", "slowed", null, "a model slowed down"]);
  fill(at("legend"), entries.map(([kind, style, shape, text]) => make("li", {}, swatch(kind, style, shape), ` ${text}`)));
  showProbe(solution, chart);
  showRivals(solution, chart);
}

/** Say what users do about the commitment that the slider under the chart is at. */
function showProbe(solution, { lines, active, end }) {
  const line = lines[active];
  const slider = at("probe");
  const where = probe ?? Math.min(line.at ?? 0, end);
  slider.value = Math.round((STEPS * where) / end);
  fill(at("probe-name"), [`Try another: ${line.label}`]);
  const found = probe === null ? null : consequences(solution.game, line.policyAt(where), { decline: solution.decline });
  fill(at("tried"), [found === null ? "Move the slider to leave the equilibrium." : probeText(solution, where, found)]);
  slider.setAttribute("aria-valuetext", percent(where, 3));
}

function probeText({ best }, x, found) {
  const [latency, cost] = state.units;
  const doing = {
    decline: "users decline", stay: "users stay", leave: "users leave after a failure",
    mix: `users leave after ${share(found.q)} of their failures`,
  }[kindOf(found)];
  const more = found.cost / best.cost - 1;
  const compared = Math.abs(more) < 5e-6 ? "" : `, ${percent(Math.abs(more))} ${more > 0 ? "more" : "less"} than at the equilibrium`;
  return `At ${percent(x, 3)} ${doing}, to whom a task is worth ${amount(found.utility, latency)}. It costs ${amount(found.cost, cost, COST_DIGITS)}${compared}.`;
}

/** The table of the equilibrium and of what stands beside it. */
function showRivals({ best, visited }, { rivals }) {
  const [latency, cost] = state.units;
  const doing = ({ q, declined }) => (declined ? "decline" : q === null ? "–" : q === 0 ? "stay" : q === 1 ? "leave" : `leave in ${share(q)}`);
  const row = (name, what, one) => make("tr", {},
    make("th", { scope: "row" }, make("span", { class: "name" }, name)), make("td", {}, what), make("td", {}, doing(one)),
    make("td", {}, amount(one.cost, cost, COST_DIGITS)),
    make("td", {}, one.cost === best.cost ? "–" : percent(one.cost / best.cost - 1)),
    make("td", {}, one.utility === undefined ? "–" : amount(Math.abs(one.utility) < 1e-9 * state.value ? 0 : one.utility, latency)));
  const path = visited.map((k) => nameOf(state, k)).join(", ") || "nothing";
  const own = { ...best, q: best.abandon, declined: visited.length === 0 };
  fill(at("rivals"), [row("the equilibrium", path, own), ...rivals.map((rival) => row(rival.name, rival.what, rival))]);
  at("unsolved").hidden = state.p.length === 2;
}

// ---- map

/** Width of drawings; measured when it changes and not when it is used, for measuring takes a layout. */
let room = 640;

function measure() {
  const before = room;
  room = Math.max(300, Math.min(at("cost").clientWidth || 640, 860));
  return room !== before;
}

const mapSize = () => [room, room < 480 ? 300 : 330];

function showMap() {
  if (!drawn) return;
  if (!map.middle) return;
  drawMap(at("map"), map, state, ...mapSize());
  const regions = map.regions();
  const here = kindOfSolution(drawn.solution);
  at("map").setAttribute("aria-label", `Map of optima over task value and churn penalty; here: ${kindText(state, here)}`);
  const shown = regions.slice(0, MOST_COLOURS);
  const rest = regions.slice(MOST_COLOURS).reduce((sum, region) => sum + region.share, 0);
  const entries = shown.map(({ kind, share: area }, n) => make("li", kind === here ? { class: "here" } : {},
    make("span", { class: `patch k${n}`, "aria-hidden": "true" }), make("b", {}, letterOf(n)), ` ${kindText(state, kind)} `,
    make("span", { class: "soft" }, percent(area))));
  if (rest > 0) entries.push(make("li", {}, `others ${percent(rest)}`));
  fill(at("map-legend"), entries);
}

// ---- player

const activeLine = () => drawn.chart.lines[drawn.chart.active];

/** Put on what is to be played: the equilibrium, or the commitment that the slider under the chart is at. */
function stage(solution) {
  const [users, seed] = [Number(at("play-users").value), Number(at("play-seed").value) || 0];
  const other = probe === null ? null : consequences(solution.game, activeLine().policyAt(probe), { decline: solution.decline });
  const policy = other === null ? solution.best.policy : activeLine().policyAt(probe);
  const q = other === null ? solution.best.abandon : other.q;
  const refused = other === null ? solution.decline && solution.visited.length === 0 : other.declined;
  const latency = other === null ? solution.best.latencyInForce : solution.game.t;
  const key = JSON.stringify([solution.game, policy, q, refused, latency, users, seed, state.names]);
  if (key === played?.key) return;
  const setting = { game: solution.game, policy, q, latency, users, seed };
  const expected = refused ? null : outcomeOf(solution.game, policy, q, latency);
  played = { key, setting, expected, refused };
  fill(at("play-what"), [probe === null ? "Played is the equilibrium." : "Played is the commitment that the slider above is at."]);
  player.begin(refused ? null : new Episode(setting), state.p.map((_, k) => nameOf(state, k)));
}

function showPlayed() {
  fill(at("play"), [player.playing ? "Pause" : "Play"]);
  at("play").setAttribute("aria-pressed", String(player.playing));
  if (!player.episode || !played?.expected) {
    fill(at("play-totals"), []);
    return;
  }
  const { tasks, solved, left, waited, paid } = player.episode.totals;
  const [latency, cost] = state.units;
  const { expected } = played;
  const each = (sum, unit) => (tasks ? amount(sum / tasks, unit) : "–");
  const rows = [
    ["tasks ended", number(tasks, 6), ""],
    ["solved", tasks ? share(solved / tasks) : "–", share(expected.solveProb)],
    ["given up", tasks ? share(left / tasks) : "–", share(1 - expected.solveProb)],
    ["waiting a task", each(waited, latency), amount(expected.latency, latency)],
    ["cost of a task", each(paid, cost), amount(expected.cost, cost)],
  ];
  fill(at("play-totals"), rows.map(([name, seen, exact]) => make("tr", {},
    make("th", { scope: "row" }, name), make("td", {}, seen), make("td", {}, exact))));
}

// ---- taking along

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.done = "copied";
  } catch {
    button.dataset.done = "not allowed here";
  }
  at("spoken").textContent = button.dataset.done;
  setTimeout(() => delete button.dataset.done, 1500);
}

const chartShown = () => at("cost").firstElementChild;

const fileName = (ending) => `routegame-${(state.menu ?? "game").replace(/[^\w.-]/g, "")}.${ending}`;

function listen() {
  document.addEventListener("input", ({ target }) => {
    if (target.dataset.field) take(target);
    else if (target.dataset.name !== undefined) {
      state.names[modelOf(target)] = target.value.replace(/\p{Cc}/gu, "").slice(0, LONGEST_NAME);
      change();
    }
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.dataset?.field && target.getAttribute("aria-invalid") === "true") {
      target.setAttribute("aria-invalid", "false");
      complain("");
      change();
    }
  });
  at("models").addEventListener("click", ({ target }) => {
    const button = target.closest("[data-remove]");
    if (button) setModels(modelsOf().filter((_, k) => k !== modelOf(button)));
  });
  at("menu").addEventListener("change", () => load(stateOf(MENUS.find((menu) => menu.name === at("menu").value))));
  at("reset").addEventListener("click", () => load(stateOf(MENUS.find((menu) => menu.name === state.menu) ?? DATA.start)));
  at("new-model").addEventListener("click", () => setModels([...modelsOf(), { ...modelsOf().at(-1), name: "" }]));
  at("measured").addEventListener("change", () => {
    const model = DATA.measured[Number(at("measured").value)];
    at("measured").value = "";
    if (model) setModels([...modelsOf(), model]);
  });
  at("order").addEventListener("change", () => {
    state.order = at("order").value;
    if (state.order === "paper") state.decline = false;
    probe = null;
    change();
  });
  for (const rule of ["decline", "throttling"]) {
    at(rule).addEventListener("change", () => {
      state[rule] = at(rule).checked;
      change();
    });
  }
  at("closely").addEventListener("change", change);
  at("probe").addEventListener("input", () => {
    probe = (at("probe").value / STEPS) * drawn.chart.end;
    change();
  });
  at("probe-off").addEventListener("click", () => {
    probe = null;
    change();
  });
  at("map").addEventListener("click", ({ offsetX, offsetY }) => {
    const found = pointed(map, offsetX, offsetY, ...mapSize());
    if (found === null) return;
    Object.assign(state, found);
    change();
  });
  at("play").addEventListener("click", () => (player.playing ? player.pause() : player.play()));
  at("step").addEventListener("click", () => player.step());
  at("restart").addEventListener("click", () => {
    played = null;
    stage(drawn.solution);
  });
  at("play-speed").addEventListener("change", () => {
    player.speed = Number(at("play-speed").value);
    announce("");
  });
  for (const id of ["play-users", "play-seed"]) {
    at(id).addEventListener("change", () => {
      stage(drawn.solution);
      announce("");
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    change();
    player.draw();
  });
  at("copy-command").addEventListener("click", ({ target }) => copy(at("command").textContent, target));
  at("copy-python").addEventListener("click", ({ target }) => copy(at("python").textContent, target));
  at("copy-link").addEventListener("click", ({ target }) => copy(location.href.split("#")[0] + linkOf(state, viewOf()), target));
  at("as-json").addEventListener("click", () => {
    const text = JSON.stringify(documentOf(state, drawn.solution, viewOf()), null, 2);
    offer(fileName("json"), new Blob([text], { type: "application/json" }));
  });
  at("as-svg").addEventListener("click", () => offer(fileName("svg"), new Blob([svgText(chartShown())], { type: "image/svg+xml" })));
  at("as-png").addEventListener("click", async () => offer(fileName("png"), await pngOf(chartShown())));
  addEventListener("hashchange", open);
  new ResizeObserver(() => {
    if (!measure()) return;
    change();
    if (player.names) player.draw();
  }).observe(at("cost"));
}

/** Show what the link of the page carries, or else what the page was written for. */
function open() {
  try {
    const linked = readLink(location.hash, MENUS);
    complain("");
    if (linked === null) load(stateOf(DATA.start));
    else load(linked.state, linked.view);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    load(stateOf(DATA.start));
    complain(`This link cannot be used: ${error.message}.`);
  }
}

measure();
listen();
open();

/** For whoever would rather compute than click: the solver, by its functions, in the console. */
globalThis.routegame = Object.freeze({
  solve, answerTo, outcomeOf, consequences, shownPolicy, number, amount, percent, share, written, handedOver, roundedProb,
  rounded, Episode, map, player, kindOfSolution, readLink: (hash) => readLink(hash, MENUS), link: () => linkOf(state, viewOf()), svgText, pngOf, make, fill,
  now: () => ({
    state: structuredClone(state), view: viewOf(), reach: { ...reach }, solution: drawn.solution, document: documentOf(state, drawn.solution, viewOf()),
  }),
});
