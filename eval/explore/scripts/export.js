// What can be taken along: the chart as SVG and as PNG, the state and its solution as JSON.

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin",
  "font-family", "font-size", "text-anchor"];

/** The text of a drawing that needs no page: shapes and styles are in it. */
function svgText(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, k) => {
    const style = getComputedStyle(originals[k]);
    for (const name of DRAWN) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute("class");
  });
  const shapes = [...new Set([...copy.querySelectorAll("use")].map((use) => use.getAttribute("href").slice(1)))];
  const defs = created(draw("defs"));
  for (const id of shapes) defs.append(document.getElementById(id).cloneNode());
  const [, , width, height] = svg.getAttribute("viewBox").split(" ");
  const paper = created(draw("rect", { width, height, fill: getComputedStyle(document.body).backgroundColor }));
  copy.prepend(defs, paper);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new XMLSerializer().serializeToString(copy);
}

/** A drawing as PNG, twice as many pixels as it has units. */
async function pngOf(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const canvas = created(make("canvas", { width: 2 * width, height: 2 * height }));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Hand a file to whoever reads the page. */
function offer(name, blob) {
  const link = created(make("a", { href: URL.createObjectURL(blob), download: name }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
