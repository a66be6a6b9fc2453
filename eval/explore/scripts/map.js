// The map: what is optimal over task value and churn penalty, computed in slices so that no slider waits for it.

const [COLUMNS, ROWS] = [60, 40];
const VALUE_SPAN = 6; // the map goes from a sixth of the task value it was made for to six times that
const PENALTY_SPAN = 30;
const COARSE = 4; // cells that share an answer at first
const SLICE = 4; // milliseconds that are worked at once where a browser cannot tell how long it has nothing else to do
const LONGEST = 1000; // milliseconds that work waits for such a time
const MOST_COLOURS = 8;

/** Do something once the browser has nothing else to do; what is done is told for how long. */
function whenIdle(work) {
  if (globalThis.requestIdleCallback) return requestIdleCallback(work, { timeout: LONGEST });
  return setTimeout(() => {
    const until = performance.now() + SLICE;
    work({ timeRemaining: () => until - performance.now() });
  }, 4 * SLICE);
}

/** What kind of commitment a solution is, in models' numbers; what users see of it without its probabilities. */
function kindOfSolution(solution) {
  const slow = slowedModel(solution);
  if (slow !== null) return `${slow + 1} slowed down, leave`;
  if (solution.decline && solution.visited.length === 0) return "decline";
  if (solution.best.abandon === 1) return `${solution.visited[0] + 1}, leave`;
  return solution.visited.map((k) => k + 1).join(" → ");
}

/** Same in words. */
function kindText(state, kind) {
  if (kind === "decline") return "users decline";
  return kind.replace(/\d+/g, (number) => nameOf(state, Number(number) - 1)).replace(", leave", ", then users leave");
}

/** A map that fills itself: `draw` is called when there is more of it. */
class OptimumMap {
  constructor(onMore) {
    this.onMore = onMore;
    this.key = null;
    this.cells = [];
    this.found = null;
    this.base = null;
  }

  /** Make the map of a state, unless it is made already. */
  of(state, middle) {
    const { p, t, c, order, decline, throttling } = state;
    const key = JSON.stringify([p, t, c, order, decline, throttling, middle]);
    if (key === this.key) return;
    this.key = key;
    this.value = (column) => middle.value * VALUE_SPAN ** ((2 * (column + 0.5)) / COLUMNS - 1);
    this.penalty = (row) => middle.penalty * PENALTY_SPAN ** ((2 * (row + 0.5)) / ROWS - 1);
    this.middle = middle;
    const old = this.cells.length ? this.cells : new Array(COLUMNS * ROWS).fill(null);
    this.cells = [...old];
    const rules = { order, decline, throttling };
    const solved = (column, row) =>
      kindOfSolution(solve({ p, t, c, value: this.value(column), penalty: this.penalty(row) }, rules));
    this.work = this.steps(solved);
    this.run(key);
  }

  /** Every cell: first one in sixteen for all around it, then all. */
  * steps(solved) {
    for (let row = 0; row < ROWS; row += COARSE) {
      for (let column = 0; column < COLUMNS; column += COARSE) {
        const kind = solved(Math.min(column + 1, COLUMNS - 1), Math.min(row + 1, ROWS - 1));
        for (let r = row; r < Math.min(row + COARSE, ROWS); r++) {
          for (let k = column; k < Math.min(column + COARSE, COLUMNS); k++) this.cells[r * COLUMNS + k] = kind;
        }
        yield;
      }
    }
    this.more();
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        this.cells[row * COLUMNS + column] = solved(column, row);
        yield;
      }
    }
  }

  run(key) {
    whenIdle((idle) => {
      if (key !== this.key) return;
      do {
        if (this.work.next().done) {
          this.work = null;
          this.more();
          return;
        }
      } while (idle.timeRemaining() > 1);
      this.run(key);
    });
  }

  more() {
    this.found = this.base = null;
    this.onMore();
  }

  /** Whether all cells are as they should be. */
  get whole() {
    return this.work === null;
  }

  /** Kinds on the map, the largest area first, with the cell in which each has its letter. */
  regions() {
    this.found ??= this.ranked();
    return this.found;
  }

  ranked() {
    const places = new Map();
    this.cells.forEach((kind, n) => {
      if (kind === null) return;
      if (!places.has(kind)) places.set(kind, []);
      places.get(kind).push(n);
    });
    const deep = depths(this.cells);
    const ranked = [...places].sort((a, b) => b[1].length - a[1].length);
    return ranked.map(([kind, cells]) => ({
      kind, share: cells.length / this.cells.length, heart: cells.reduce((a, b) => (deep[b] > deep[a] ? b : a)),
    }));
  }
}

/** How deep each cell lies in its region: steps, also across corners, to the nearest cell that is not in it. */
function depths(cells) {
  const deep = new Array(cells.length).fill(Infinity);
  const pass = (order, beside) => {
    for (const n of order) {
      const [row, column] = [Math.floor(n / COLUMNS), n % COLUMNS];
      if (row === 0 || column === 0 || row === ROWS - 1 || column === COLUMNS - 1) {
        deep[n] = 1;
        continue;
      }
      for (const step of beside) deep[n] = Math.min(deep[n], 1 + (cells[n + step] === cells[n] ? deep[n + step] : 0));
    }
  };
  const order = [...cells.keys()];
  pass(order, [-1, -COLUMNS, -COLUMNS - 1, -COLUMNS + 1]);
  pass(order.reverse(), [1, COLUMNS, COLUMNS + 1, COLUMNS - 1]);
  return deep;
}

const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const letterOf = (n) => String.fromCharCode(65 + n);

/** A canvas as sharp as the screen; returns what draws on it in units of the page. */
function sharp(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

const MAP_MARGINS = { left: 62, right: 10, top: 24, bottom: 44 };

/** Round numbers in equal ratios between two: 1, 2 and 5 of each power of ten, fewer where there are many. */
function ratioTicks(low, high, most) {
  const found = [];
  for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k++) {
    for (const digit of [1, 2, 5]) found.push(Number(`${digit}e${k}`));
  }
  const within = found.filter((x) => x >= low && x <= high);
  return within.length <= most ? within : within.filter((x) => /^1/.test(x.toExponential()));
}

/** Draw a map, and the state's point on it; what lies under the point is drawn once. */
function drawMap(canvas, map, state, width, height) {
  const key = JSON.stringify([width, height, globalThis.devicePixelRatio, colourOf("--paper"), state.units]);
  if (map.base?.key !== key) map.base = { key, canvas: drawnBase(map, state, width, height) };
  const pen = sharp(canvas, width, height);
  pen.drawImage(map.base.canvas, 0, 0, width, height);
  const { left, right, top, bottom } = MAP_MARGINS;
  const [across, up] = [width - left - right, height - top - bottom];
  const place = (value, middle, span) => Math.min(Math.max((Math.log(value / middle) / Math.log(span) + 1) / 2, 0), 1);
  pen.lineWidth = 1.6;
  pen.strokeStyle = colourOf("--ink");
  pen.fillStyle = colourOf("--paper");
  pen.translate(
    left + across * place(state.value, map.middle.value, VALUE_SPAN),
    top + up * (1 - place(state.penalty, map.middle.penalty, PENALTY_SPAN)));
  const star = new Path2D(document.getElementById("star").getAttribute("d"));
  pen.fill(star);
  pen.stroke(star);
}

function drawnBase(map, state, width, height) {
  const canvas = created(make("canvas"));
  const pen = sharp(canvas, width, height);
  const { left, right, top, bottom } = MAP_MARGINS;
  const [across, up] = [width - left - right, height - top - bottom];
  const regions = map.regions();
  const rank = new Map(regions.map(({ kind }, n) => [kind, n]));
  const ink = colourOf("--ink");
  const colours = regions.map((_, n) => colourOf(n < MOST_COLOURS ? `--c${n}` : "--line"));
  const [wide, high] = [across / COLUMNS, up / ROWS];
  const [edgeX, edgeY] = [(k) => Math.round(left + k * wide), (k) => Math.round(top + up - k * high)];
  const corner = (n) => [edgeX(n % COLUMNS), edgeY(Math.floor(n / COLUMNS) + 1)];
  pen.globalAlpha = 0.42;
  for (let row = 0; row < ROWS; row++) {
    for (let from = 0, to = 1; from < COLUMNS; from = to++) {
      const kind = map.cells[row * COLUMNS + from];
      while (to < COLUMNS && map.cells[row * COLUMNS + to] === kind) to++;
      pen.fillStyle = kind === null ? colourOf("--paper") : colours[rank.get(kind)];
      pen.fillRect(edgeX(from), edgeY(row + 1), edgeX(to) - edgeX(from), edgeY(row) - edgeY(row + 1));
    }
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = ink;
  pen.lineWidth = 0.8;
  pen.beginPath();
  map.cells.forEach((kind, n) => {
    const [x, y] = corner(n);
    if (n % COLUMNS < COLUMNS - 1 && map.cells[n + 1] !== kind) {
      pen.moveTo(edgeX((n % COLUMNS) + 1), y);
      pen.lineTo(edgeX((n % COLUMNS) + 1), edgeY(Math.floor(n / COLUMNS)));
    }
    if (n + COLUMNS < map.cells.length && map.cells[n + COLUMNS] !== kind) {
      pen.moveTo(x, y);
      pen.lineTo(edgeX((n % COLUMNS) + 1), y);
    }
  });
  pen.stroke();
  drawMapAxes(pen, map, state, { left, top, across, up, width, height });
  pen.font = "600 14px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = ink;
  regions.slice(0, MOST_COLOURS).forEach(({ share: area, heart }, n) => {
    const [x, y] = corner(heart);
    if (area > 0.004) pen.fillText(letterOf(n), x + wide / 2, y + high / 2);
  });
  return canvas;
}

function drawMapAxes(pen, map, state, { left, top, across, up, width, height }) {
  const [latency, cost] = state.units;
  const { middle } = map;
  pen.fillStyle = colourOf("--soft");
  pen.font = "12.5px system-ui, sans-serif";
  pen.textBaseline = "alphabetic";
  pen.textAlign = "center";
  for (const v of ratioTicks(middle.value / VALUE_SPAN, middle.value * VALUE_SPAN, across / 44)) {
    const x = left + (across * (Math.log(v / middle.value) / Math.log(VALUE_SPAN) + 1)) / 2;
    pen.fillText(amount(v, latency), x, top + up + 17);
    pen.fillRect(x, top + up, 1, 4);
  }
  pen.fillText("task value", left + across / 2, height - 6);
  pen.textAlign = "right";
  for (const v of ratioTicks(middle.penalty / PENALTY_SPAN, middle.penalty * PENALTY_SPAN, 9)) {
    const y = top + (up * (1 - Math.log(v / middle.penalty) / Math.log(PENALTY_SPAN))) / 2;
    pen.fillText(amount(v, cost), left - 7, y + 4);
    pen.fillRect(left - 4, y, 4, 1);
  }
  pen.textAlign = "left";
  pen.fillText("churn penalty", 2, 13);
}

/** Task value and churn penalty at a place of the canvas; null beside the map. */
function pointed(map, x, y, width, height) {
  const { left, right, top, bottom } = MAP_MARGINS;
  const a = (x - left) / (width - left - right);
  const b = 1 - (y - top) / (height - top - bottom);
  if (!(a >= 0 && a <= 1 && b >= 0 && b <= 1)) return null;
  const round = (value) => Number(value.toPrecision(3));
  return {
    value: round(map.middle.value * VALUE_SPAN ** (2 * a - 1)), penalty: round(map.middle.penalty * PENALTY_SPAN ** (2 * b - 1)),
  };
}
