// The exchanges that views show: the newest of them, and those that match a filter.
import { Disposable, EventEmitter } from "vscode";
import type { HostEvent, Summary } from "./control/answers";
import type { Hosts, RunningHost } from "./hosts";

const TELL_MS = 100;
const FINISHED = "exchange.finished";

export class Exchanges implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onChanged = this.changed.event;
  private readonly listening: Disposable;
  private timer: NodeJS.Timeout | undefined;
  private generation = 0;
  /** The newest first. */
  list: readonly Summary[] = [];
  where = "";

  constructor(
    private readonly hosts: Hosts,
    private readonly limit: () => number,
  ) {
    this.listening = hosts.onChanged((host) => void this.begin(host));
  }

  /** Show only what matches a filter; rejects with the host's words if it is none. */
  async filter(where: string): Promise<void> {
    const before = this.where;
    this.where = where;
    try {
      await this.begin(this.hosts.current);
    } catch (error) {
      this.where = before;
      throw error;
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listening.dispose();
    this.changed.dispose();
  }

  private async begin(host: RunningHost | undefined): Promise<void> {
    const generation = ++this.generation;
    const where = this.where === "" ? {} : { where: this.where };
    if (host !== undefined) {
      await host.connection.subscribe("exchange/subscribe", where, (events) => {
        if (generation === this.generation) {
          this.take(events);
        }
      });
      const page = await host.connection.call<{ exchanges: Summary[] }>("exchange/list", {
        ...where,
        limit: this.limit(),
      });
      if (generation === this.generation) {
        this.list = page.exchanges;
      }
    }
    this.tellSoon();
  }

  private take(events: readonly HostEvent[]): void {
    const finished = events.filter((event) => event.kind === FINISHED);
    const fresh = finished.map((event) => event.data as Summary).reverse();
    const known = new Set(fresh.map((summary) => summary.id));
    const rest = this.list.filter((summary) => !known.has(summary.id));
    this.list = [...fresh, ...rest].slice(0, this.limit());
    this.tellSoon();
  }

  private tellSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire();
    }, TELL_MS);
  }
}
