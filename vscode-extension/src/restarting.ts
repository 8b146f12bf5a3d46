// When a server that ended is started again; pure.

const WINDOW_MS = 5 * 60_000;
const MOST = 5;
const FIRST_DELAY_MS = 250;

/** Counts how often it ended of late. */
export class Restarts {
  private ends: readonly number[] = [];

  /** After how many milliseconds to start it again; nothing once it ended too often. */
  next(now: number): number | undefined {
    this.ends = [...this.ends.filter((at) => now - at < WINDOW_MS), now];
    const before = this.ends.length - 1;
    return before < MOST ? FIRST_DELAY_MS * 2 ** before : undefined;
  }
}
