// Numbers as people read them: routegame.numerals. A number that may be typed back is made short by `rounded`, on the side
// on which what is said of it holds, and then written in full.

const CURRENCIES = ["$", "€", "£", "¥"];
const NO_DISTANCE = 1e-9; // a probability nearer to 0 or 1 than this may read as that
const ALL_DIGITS = 17;

/** Digits of a number to so many decimals; of two that are equally near the even one, as Python does it. */
function fixed(size, decimals) {
  const text = size.toFixed(decimals);
  const long = size.toFixed(Math.min(decimals + 40, 100));
  const tail = long.slice(long.indexOf(".") + 1 + decimals);
  if (!/^50*$/.test(tail)) return text;
  const down = long.slice(0, long.length - tail.length).replace(/\.$/, "");
  return Number(down.at(-1)) % 2 === 0 ? down : text;
}

const withoutZeros = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

function grouped(text) {
  const [whole, fraction] = text.split(".");
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
}

const exponentOf = (size) => Number(size.toExponential().split("e")[1]);

/** Write a number with so many significant digits. */
function number(value, digits = 3) {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size === 0) return "0";
  if (size === Infinity) return `${sign}∞`;
  if (size < 1e-4 || size >= 1e6) {
    const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
    return `${sign}${withoutZeros(mantissa)}e${Number(exponent)}`;
  }
  const text = fixed(size, Math.max(0, digits - 1 - exponentOf(size)));
  return sign + withoutZeros(size >= 1e4 ? grouped(text) : text);
}

/** Write a quantity with its unit: a currency stands before the number. */
function amount(value, unit = "", digits = 3) {
  const text = number(value, digits);
  if (!CURRENCIES.includes(unit)) return `${text} ${unit}`.trimEnd();
  return text.startsWith("−") ? `−${unit}${text.slice(1)}` : unit + text;
}

/** Write a ratio in percent; next to nothing is 0 %. */
function percent(ratio, digits = 2) {
  const points = 100 * ratio;
  if (!Number.isFinite(points)) return number(points);
  return Math.abs(points) < 5e-4 ? "0 %" : `${number(points, digits)} %`;
}

/** Write a probability in percent, such that none but 0 and 1 reads as 0 % or 100 %. */
function share(probability, digits = 3) {
  const [points, short] = [100 * probability, 100 * (1 - probability)];
  if (short > 0 && short < 1) return `${fixed(points, -Math.floor(Math.log10(short)))} %`;
  return `${number(points, digits)} %`;
}

/** The shortest digits that are read back as the same number, and the power of ten of the last of them. */
function shortest(size) {
  const [mantissa, exponent] = size.toExponential().split("e");
  const digits = mantissa.replace(".", "");
  return [digits, Number(exponent) - digits.length + 1];
}

/** Digits of a decimal, all of them, given as whole number and power of ten. */
function inFull(digits, power) {
  if (Number(digits) === 0) return "0";
  const kept = digits.replace(/0+$/, "");
  const last = power + digits.length - kept.length;
  const first = last + kept.length - 1;
  if (first < -4 || first >= 6) {
    return `${kept[0]}${kept.length > 1 ? `.${kept.slice(1)}` : ""}e${first}`;
  }
  if (last >= 0) return first >= 4 ? grouped(kept + "0".repeat(last)) : kept + "0".repeat(last);
  const padded = kept.padStart(1 - last, "0");
  const text = `${padded.slice(0, last)}.${padded.slice(last)}`;
  return first >= 4 ? grouped(text) : text;
}

/** Write a number in full: as many digits as it takes to read the same number back. */
function written(value) {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  return sign + (size === Infinity ? "∞" : inFull(...shortest(size)));
}

function writtenAmount(value, unit = "") {
  return CURRENCIES.includes(unit) ? unit + written(value) : `${written(value)} ${unit}`.trimEnd();
}

/** Write the share of failures that a commitment hands over, in percent and in full. */
function handedOver(probability) {
  const [digits, power] = shortest(probability);
  return `${inFull(digits, power + 2)} %`;
}

/** Exponent of the last of so many digits of a number that is not 0, as `number` writes it. */
function lastPlace(size, digits) {
  const first = exponentOf(size);
  const place = first - digits + 1;
  return first >= -4 && first < 6 ? Math.min(place, 0) : place;
}

/** Decimals of so many digits around a number, the nearest first: of either side, and the number if it is one. */
function around(value, digits) {
  if (value === 0) return [value];
  const place = lastPlace(Math.abs(value), digits);
  const kept = exponentOf(Math.abs(value)) - place + 1;
  const nearest = kept >= 1 ? Math.abs(value).toExponential(Math.min(kept - 1, 100)) : `0e${place}`;
  const [mantissa, exponent] = nearest.split("e");
  const fraction = (mantissa.split(".")[1] ?? "").length;
  const units = BigInt(mantissa.replace(".", "")) * 10n ** BigInt(Math.max(Number(exponent) - fraction - place, 0));
  const at = (count) => Math.sign(value) * Number(`${count}e${place}`);
  const middle = at(units);
  if (middle === value) return [value, at(units + 1n), at(units - 1n)];
  const further = middle > value === value > 0 ? units - 1n : units + 1n;
  return [middle, at(further)];
}

/** Round a number to a short decimal of which still holds what is said of it, else leave it as it is. */
function rounded(value, digits, holds) {
  for (let more = digits; more < ALL_DIGITS; more++) {
    const found = around(value, more).find(holds);
    if (found !== undefined) return found;
  }
  return value;
}

/** Round a probability so, to 0 or 1 only what is next to it. */
function roundedProb(probability, digits, holds) {
  const gap = 1 - probability;
  const least = gap > NO_DISTANCE ? Math.max(digits, -Math.floor(Math.log10(gap))) : digits;
  return rounded(probability, least, (short) =>
    short >= 0 && short <= 1 && ((short > 0 && short < 1) || Math.abs(short - probability) <= NO_DISTANCE) && holds(short));
}

/** Whether a number is another one as `number` writes it with so many digits, up to one unit of the last of them. */
function agrees(value, shown, digits) {
  if (shown === 0) return value === 0;
  const place = lastPlace(Math.abs(shown), digits);
  const written = Number(shown.toExponential(Math.max(exponentOf(Math.abs(shown)) - place, 0)));
  return Math.abs(value - written) <= 10 ** place * (1 + 1e-12);
}
