// The player: an episode as dots that move between models, with play, pause and single steps.

const FRAMES_APART = 700; // milliseconds between pictures where the reader's system asks for less motion
const SECONDS_A_PASS = 1.1; // that a mean pass takes to watch

class Player {
  constructor(canvas, onChange) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.speed = 1;
    this.playing = false;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Begin an episode anew; null: there is nothing to see. */
  begin(episode, names) {
    this.episode = episode;
    this.names = names;
    this.pause();
    if (episode) episode.advance(0);
    this.draw();
  }

  play() {
    if (this.playing || !this.episode) return;
    this.playing = true;
    this.last = performance.now();
    this.onChange();
    this.ask();
  }

  pause() {
    this.playing = false;
    this.onChange();
  }

  step() {
    if (!this.episode) return;
    this.pause();
    this.episode.step();
    this.draw();
  }

  ask() {
    if (this.calm.matches) setTimeout(() => this.tick(performance.now()), FRAMES_APART);
    else requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    const { episode } = this;
    const passed = Math.min(Math.max(now - this.last, 0), this.calm.matches ? FRAMES_APART : 100) / 1000;
    this.last = now;
    episode.advance(episode.now + (passed * this.speed * episode.unit) / SECONDS_A_PASS);
    this.draw();
    this.ask();
  }

  /** Draw the moment: stations in a row, tasks that were solved above them, those that were left below. */
  draw() {
    const width = room;
    const height = 250;
    const pen = sharp(this.canvas, width, height);
    const colours = Object.fromEntries(["ink", "soft", "line", "paper", "panel", "sure", "bad", "c0", "c1"].map((name) => [name, colourOf(`--${name}`)]));
    const count = this.names.length;
    const apart = (width - 40) / count;
    const station = (k) => [20 + apart * (k + 0.5), height / 2];
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = colours.panel;
    pen.fillRect(0, 0, width, 34);
    pen.fillRect(0, height - 34, width, 34);
    this.label(pen, "solved", 12, 17, colours.sure);
    this.label(pen, "given up", 12, height - 17, colours.bad);
    const { episode } = this;
    const used = episode ? new Set(visitedBy(episode.policy, episode.q < 1)) : new Set();
    const radius = Math.min(34, apart / 2 - 3);
    for (let k = 0; k < count; k++) {
      const [x, y] = station(k);
      pen.globalAlpha = used.has(k) ? 1 : 0.35;
      pen.strokeStyle = colours.soft;
      pen.lineWidth = used.has(k) ? 1.6 : 1;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.stroke();
      pen.fillStyle = colours.ink;
      pen.font = "600 13px system-ui, sans-serif";
      pen.fillText(String(k + 1), x, y - radius - 9);
      pen.fillStyle = colours.soft;
      pen.font = "12px system-ui, sans-serif";
      if (apart > 66) pen.fillText(clipped(this.names[k], apart / 6.8), x, y + radius + 11);
    }
    pen.globalAlpha = 1;
    if (!episode) {
      this.label(pen, "Users decline: nothing happens.", width / 2 - 90, height / 2 - radius - 30, colours.soft);
      return;
    }
    episode.users.forEach((user, n) => this.dot(pen, user, n, { station, radius, width, height, colours }));
    this.onChange();
  }

  label(pen, text, x, y, colour) {
    pen.textAlign = "left";
    pen.font = "600 12.5px system-ui, sans-serif";
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
    pen.textAlign = "center";
  }

  /** A user: where it is, on the way or waiting, and of those who wait how much of the pass is over. */
  dot(pen, user, n, { station, radius, width, height, colours }) {
    const { episode } = this;
    const many = episode.users.length;
    const spread = (x, y) => {
      const turn = n * 2.39996;
      const out = radius * 0.72 * Math.sqrt((n + 0.5) / many);
      return [x + out * Math.cos(turn), y + out * Math.sin(turn)];
    };
    const lane = 90 + ((width - 110) * (n + 0.5)) / many;
    const placeAt = (at, model) => {
      if (at === "solved") return [lane, 17];
      if (at === "left") return [lane, height - 17];
      if (model === null || model === undefined) return [lane, height + 12];
      return spread(...station(model));
    };
    const long = user.ends - user.began;
    const done = long > 0 ? Math.min(Math.max((episode.now - user.began) / long, 0), 1) : 1;
    let [x, y] = placeAt(user.at === "moving" ? "pass" : user.at, user.model);
    if (user.at === "moving" || user.at === "solved" || user.at === "left") {
      const [a, b] = placeAt(user.from, user.fromModel);
      const share = user.at === "moving" ? done : Math.min((done * (HOP + 0.5)) / HOP, 1);
      const eased = this.calm.matches ? 1 : share * share * (3 - 2 * share);
      const lift = user.at === "moving" && a === x && b === y ? 12 * Math.sin(Math.PI * eased) : 0;
      [x, y] = [a + (x - a) * eased, b + (y - b) * eased - lift];
    }
    if (user.at === "out") return;
    const size = many > 20 ? 3.6 : 5;
    pen.fillStyle = user.at === "solved" ? colours.sure : user.at === "left" ? colours.bad : user.passes > 0 ? colours.c1 : colours.c0;
    if (user.at === "solved" || user.at === "left") {
      pen.font = "700 14px system-ui, sans-serif";
      pen.fillText(user.at === "solved" ? "✓" : "×", x, y);
      return;
    }
    pen.beginPath();
    pen.arc(x, y, size, 0, 2 * Math.PI);
    pen.fill();
    if (user.at === "pass") {
      pen.strokeStyle = pen.fillStyle;
      pen.lineWidth = 1.6;
      pen.beginPath();
      pen.arc(x, y, size + 2.2, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * done);
      pen.stroke();
    }
  }
}
