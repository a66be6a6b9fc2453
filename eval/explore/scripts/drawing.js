// Elements of pages and drawings, and scales. Text goes in as text: nothing here, or anywhere in these scripts, makes
// markup of a string.

const SVG = "http://www.w3.org/2000/svg";

/** An element as it is to be, with attributes and children; a child that is no element is text. `fill` shows it. */
const make = (tag, attributes = {}, ...children) => ({ tag, space: null, attributes, children });

/** The same of a drawing. */
const draw = (tag, attributes = {}, ...children) => ({ tag, space: SVG, attributes, children });

const shownAs = new WeakMap(); // elements that were made here, and as what

/** A new element that is as it is to be. */
function created(wanted) {
  const element = wanted.space ? document.createElementNS(wanted.space, wanted.tag) : document.createElement(wanted.tag);
  return renewed(element, {}, wanted);
}

function renewed(element, before, { attributes, children }) {
  for (const name in attributes) {
    const value = attributes[name];
    if (value === (before[name] ?? null)) continue;
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  for (const name in before) if (!(name in attributes)) element.removeAttribute(name);
  fill(element, children);
  return element;
}

/** Let an element have these children: what is there already stays, and is changed where it is another, which takes far
 * less time than to make it, style it and lay it out anew. */
function fill(parent, children) {
  let node = parent.firstChild;
  for (const wanted of children) {
    const next = node?.nextSibling ?? null;
    const known = node && shownAs.get(node);
    if (wanted?.tag === undefined) {
      const text = String(wanted);
      if (node?.nodeType !== Node.TEXT_NODE) put(parent, node, document.createTextNode(text));
      else if (node.data !== text) node.data = text;
    } else if (known?.tag === wanted.tag && known.space === wanted.space) {
      renewed(node, known.attributes, wanted);
      shownAs.set(node, wanted);
    } else {
      const element = created(wanted);
      shownAs.set(element, wanted);
      put(parent, node, element);
    }
    node = next;
  }
  while (node) {
    const next = node.nextSibling;
    node.remove();
    node = next;
  }
}

function put(parent, node, other) {
  if (node) node.replaceWith(other);
  else parent.append(other);
}

/** Maps numbers to places; those beyond an end come to lie on it. */
function scaleOf(low, high, start, stop) {
  const place = (x) => start + ((Math.min(Math.max(x, low), high) - low) / (high - low)) * (stop - start);
  return Object.assign(place, { low, high, start, stop });
}

/** Round numbers within a scale, about so many. */
function ticksOf({ low, high }, many = 5) {
  const rough = (high - low) / many;
  const scale = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((x) => x * scale).find((x) => rough <= x * (1 + 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9); k++) found.push(k * step);
  return found;
}

const short = (place) => String(Math.round(place * 10) / 10);

/** A path through places; a point of null breaks it. */
function pathOf(points) {
  let lifted = true;
  return points.map((point) => {
    if (point === null) {
      lifted = true;
      return "";
    }
    const step = `${lifted ? "M" : "L"}${short(point[0])} ${short(point[1])}`;
    lifted = false;
    return step;
  }).join("");
}
