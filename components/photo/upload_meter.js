// Honest time left: from what really went through lately, in bytes and in files, since many small files cost by the file. Says nothing
// until it has seen enough, and forgets what is long ago.
const WINDOW = 30_000;
const ENOUGH = 4_000;

class Rate {
  constructor() {
    this.marks = [];
  }

  add(amount, now = Date.now()) {
    const last = this.marks[this.marks.length - 1];
    if (last && now - last.at < 200) last.amount += amount;
    else this.marks.push({ at: now, amount });
  }

  // Per second, over the window; 0 while too little was seen.
  now(now = Date.now()) {
    while (this.marks.length && now - this.marks[0].at > WINDOW) this.marks.shift();
    if (!this.marks.length) return 0;
    const span = now - this.marks[0].at;
    if (span < ENOUGH) return 0;
    return (this.marks.reduce((sum, mark) => sum + mark.amount, 0) / span) * 1000;
  }

  clear() {
    this.marks = [];
  }
}

export const bytes = new Rate();
export const files = new Rate();
export const ready = new Rate();

export function pauseMeters() {
  [bytes, files, ready].forEach((rate) => rate.clear());
}

// Seconds until all is ready, or 0 when that cannot be said yet. The slowest of the three decides: sending by bytes, sending by the
// file, and the server's work on what has arrived.
export function timeLeft({ bytesLeft, filesLeft, unready }) {
  const parts = [];
  for (const [left, rate] of [[bytesLeft, bytes], [filesLeft, files], [unready, ready]]) {
    if (!left) continue;
    const speed = rate.now();
    if (speed) parts.push(left / speed);
    else if (rate !== ready) return 0;
  }
  return parts.length ? Math.max(...parts) : 0;
}
