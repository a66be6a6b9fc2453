// What the page shows: a game, the rules it is played by, and the menu it came from. A state is a plain object; whatever
// comes from a link is checked here, and refused in one line.

const MOST_MODELS = 8;
const LEAST_MODELS = 2;
const LONGEST_NAME = 60;
const LONGEST_LINK = 6000;
const SMALLEST = 1e-30; // amounts, as the command line takes them
const LARGEST = 1e30;
const LEAST_PROB = 1e-15;
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const ORDERS = { paper: "paper", free: "free", fixed: "fixed" };

/** Error in a link, an import or a field, in one line. */
class Refused extends Error {}

const isAmount = (x) => Number.isFinite(x) && (x === 0 || (x >= SMALLEST && x <= LARGEST));

/** What a number of each field may be, for people, and whether one is that. */
const ALLOWED = {
  value: ["a number from 1e-30 to 1e30", (x) => isAmount(x) && x > 0],
  penalty: ["0 or a number from 1e-30 to 1e30", isAmount],
  p: ["a number between 0 and 1", (x) => Number.isFinite(x) && x >= LEAST_PROB && x < 1],
  t: ["0 or a number from 1e-30 to 1e30", isAmount],
  c: ["0 or a number from 1e-30 to 1e30", isAmount],
};

/** Number that a text says; null where it says none that is allowed. */
function parsed(field, text) {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return NUMBER.test(trimmed) && ALLOWED[field][1](value) ? value : null;
}

/** State of a menu as it comes. */
function stateOf(menu) {
  const { name, units, names, value, penalty, p, t, c, throttling = false } = menu;
  const order = p.length === 2 ? "paper" : "free";
  return {
    menu: name, units, names: [...names], value, penalty, p: [...p], t: [...t], c: [...c],
    order, decline: false, throttling,
  };
}

const gameOf = ({ value, penalty, p, t, c }) => ({ value, penalty, p, t, c });

const rulesOf = ({ order, decline, throttling }) => ({ order, decline, throttling });

/** What is shown besides a state where nothing is said of it: sliders reach as far as the state has them, null. */
const PLAIN_VIEW = { reach: null, probe: null, closely: false, users: 12, seed: 1, speed: 1 };
const REACHES = ["value", "penalty", "t", "c"];
const USERS = [1, 6, 12, 40];
const SPEEDS = [0.25, 1, 4, 16];
const MOST_SEED = 999_999_999;

/** A state, and what is shown besides, in the part of a link after the #. */
function linkOf(state, view) {
  const fields = new URLSearchParams();
  if (state.menu !== null) fields.set("menu", state.menu);
  fields.set("V", String(state.value));
  fields.set("P", String(state.penalty));
  for (const name of ["p", "t", "c"]) fields.set(name, state[name].join(" "));
  state.names.forEach((name) => fields.append("name", name));
  fields.set("order", state.order);
  if (state.decline) fields.set("decline", "1");
  if (state.throttling) fields.set("throttling", "1");
  if (view.reach !== null) fields.set("reach", REACHES.map((name) => view.reach[name]).join(" "));
  if (view.probe !== null) fields.set("try", String(view.probe));
  if (view.closely) fields.set("closely", "1");
  for (const name of ["users", "seed", "speed"]) if (view[name] !== PLAIN_VIEW[name]) fields.set(name, String(view[name]));
  return `#${fields}`;
}

/** The state and the view that a link carries; null where it carries none.
 *
 * Throws `Refused` where it is none that the page could have written.
 */
function readLink(hash, menus) {
  const text = hash.replace(/^#/, "");
  if (text === "") return null;
  if (text.length > LONGEST_LINK) throw new Refused(`a link has at most ${LONGEST_LINK} characters`);
  const fields = new URLSearchParams(text);
  const known = ["menu", "V", "P", "p", "t", "c", "name", "order", "decline", "throttling"];
  known.push("reach", "try", "closely", "users", "seed", "speed");
  for (const name of fields.keys()) {
    if (!known.includes(name)) throw new Refused(`a link has no field ${JSON.stringify(name.slice(0, 20))}`);
    if (name !== "name" && fields.getAll(name).length > 1) throw new Refused(`${name} is there twice`);
  }
  const single = (name, field) => checkedNumber(name, field, fields.get(name) ?? "");
  const several = (name) => (fields.get(name) ?? "").split(" ").map((x) => checkedNumber(name, name, x));
  const [value, penalty] = [single("V", "value"), single("P", "penalty")];
  const [p, t, c] = ["p", "t", "c"].map(several);
  const count = p.length;
  if (count < LEAST_MODELS || count > MOST_MODELS || t.length !== count || c.length !== count) {
    throw new Refused(`p, t and c must have as many numbers each, ${LEAST_MODELS} to ${MOST_MODELS}`);
  }
  const menu = fields.get("menu");
  const base = menus.find((other) => other.name === menu);
  if (menu !== null && base === undefined) throw new Refused("there is no such menu");
  const order = fields.get("order") ?? (count === 2 ? "paper" : "free");
  if (!Object.hasOwn(ORDERS, order) || (order === "paper" && count !== 2)) {
    throw new Refused(`order must be ${count === 2 ? "paper, " : ""}free or fixed`);
  }
  const [decline, throttling] = ["decline", "throttling"].map((name) => flag(name, fields.get(name)));
  if (decline && order === "paper") throw new Refused("users may decline only where the order is free or fixed");
  const state = {
    menu, units: base?.units ?? ["", ""], names: readNames(fields.getAll("name"), count), value, penalty, p, t, c, order,
    decline, throttling,
  };
  return { state, view: readView(fields) };
}

function readView(fields) {
  const view = { ...PLAIN_VIEW, closely: flag("closely", fields.get("closely")) };
  if (fields.has("reach")) {
    const ends = fields.get("reach").split(" ");
    if (ends.length !== REACHES.length) throw new Refused(`reach must have ${REACHES.length} numbers`);
    view.reach = Object.fromEntries(REACHES.map((name, k) => [name, checkedNumber("reach", "value", ends[k])]));
  }
  const numberIn = (name, allowed, text) => {
    const value = NUMBER.test(fields.get(name)) ? Number(fields.get(name)) : NaN;
    if (!allowed(value)) throw new Refused(`${name} must be ${text}`);
    return value;
  };
  if (fields.has("try")) view.probe = numberIn("try", (x) => x >= 0 && x <= 1, "a number from 0 to 1");
  if (fields.has("seed")) view.seed = numberIn("seed", (x) => Number.isInteger(x) && x <= MOST_SEED, `a whole number up to ${MOST_SEED}`);
  for (const [name, choices] of [["users", USERS], ["speed", SPEEDS]]) {
    if (fields.has(name)) view[name] = numberIn(name, (x) => choices.includes(x), `one of ${choices.join(", ")}`);
  }
  return view;
}

function checkedNumber(name, field, text) {
  const value = parsed(field, text);
  if (value === null) throw new Refused(`${name} must be ${ALLOWED[field][0]}`);
  return value;
}

function flag(name, text) {
  if (![null, "0", "1"].includes(text)) throw new Refused(`${name} must be 0 or 1`);
  return text === "1";
}

function readNames(names, count) {
  if (names.length === 0) return new Array(count).fill("");
  const fine = names.length === count && names.every((x) => x.length <= LONGEST_NAME && !/\p{Cc}/u.test(x));
  if (!fine) throw new Refused(`there must be a name for each model, of at most ${LONGEST_NAME} letters`);
  return names;
}
