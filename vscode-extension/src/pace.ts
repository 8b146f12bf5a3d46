// Tells of many changes at a pace that a person can follow; pure but for its clock.

/** Calls at once, and then not again before so many milliseconds. */
export class Pace {
  private timer: NodeJS.Timeout | undefined;
  private waiting = false;

  constructor(
    private readonly milliseconds: number,
    private readonly tell: () => void,
  ) {}

  changed(): void {
    if (this.timer !== undefined) {
      this.waiting = true;
      return;
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.waiting) {
        this.waiting = false;
        this.changed();
      }
    }, this.milliseconds);
    this.tell();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
