// An episode: users who bring tasks, wait for passes, retry, are handed over, leave. It goes from event to event, and is the
// same for the same seed however fast it is watched; nothing here draws.

/** Random numbers from 0 to 1, the same for the same seed (mulberry32, by Tommy Ettinger). */
function luckOf(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let z = Math.imul(a ^ (a >>> 15), 1 | a);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Which of some probabilities a random number falls on. */
function drawnFrom(row, luck) {
  let rest = luck();
  for (let k = 0; k < row.length; k++) {
    rest -= row[k];
    if (rest < 0 && row[k] > 0) return k;
  }
  return row.findLastIndex((x) => x > 0);
}

const HOP = 0.3; // of the mean pass, that a dot takes from one place to another; nobody waits for it
const REST = 0.8; // of the mean pass, before a user's next task

/** Users under a commitment to which they have answered. */
class Episode {
  constructor({ game, policy, q, latency = game.t, users = 12, seed = 1 }) {
    Object.assign(this, { game, policy, q, latency });
    const used = visitedBy(policy, q < 1).map((k) => latency[k]);
    this.unit = used.reduce((sum, t) => sum + t, 0) / used.length || 1;
    this.now = 0;
    this.totals = { tasks: 0, solved: 0, left: 0, passes: game.p.map(() => 0), waited: 0, paid: 0 };
    this.users = Array.from({ length: users }, (_, n) => {
      const luck = luckOf(seed * 7919 + n * 104729);
      return { luck, at: "out", from: "out", model: null, began: 0, ends: this.unit * 0.35 * n * (12 / users), passes: 0, waited: 0 };
    });
  }

  /** The user to whom something happens next. */
  next() {
    return this.users.reduce((a, b) => (b.ends < a.ends ? b : a));
  }

  /** Let all that happens up to a time happen. */
  advance(until) {
    for (let user = this.next(); user.ends <= until; user = this.next()) this.happen(user);
    this.now = Math.max(this.now, until);
  }

  /** Let the next thing happen, and say what it was. */
  step() {
    const user = this.next();
    this.now = user.ends;
    this.happen(user);
    return user;
  }

  happen(user) {
    const time = user.ends;
    const { game, policy, latency, totals } = this;
    const go = (at, model, long) => {
      Object.assign(user, { from: user.at, fromModel: user.model, at, model, began: time, ends: time + long });
    };
    if (user.at === "out") {
      Object.assign(user, { passes: 0, waited: 0 });
      return go("moving", drawnFrom(policy.start, user.luck), HOP * this.unit);
    }
    if (user.at === "moving") return go("pass", user.model, latency[user.model]);
    if (user.at !== "pass") return go("out", null, REST * this.unit);
    user.passes += 1;
    user.waited += latency[user.model];
    totals.passes[user.model] += 1;
    totals.waited += latency[user.model];
    totals.paid += game.c[user.model];
    if (user.luck() < game.p[user.model]) return this.end(user, "solved", go);
    if (user.luck() < this.q) {
      totals.paid += game.penalty;
      return this.end(user, "left", go);
    }
    return go("moving", drawnFrom(policy.matrix[user.model], user.luck), HOP * this.unit);
  }

  end(user, how, go) {
    this.totals.tasks += 1;
    this.totals[how] += 1;
    go(how, user.model, (HOP + 0.5) * this.unit);
  }
}
