// Elements of pages and drawings, and scales. Text goes in as text: nothing here, or anywhere in these scripts, makes
// markup of a string.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; a child that is no element is text. */
function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return element;
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
