// The exchanges that views show: the newest of them, and those that match a filter.
import { Disposable, EventEmitter } from "vscode";
import type { HostEvent, Summary } from "./control/answers";
import type { Hosts, RunningHost } from "./hosts";
import { newestOf } from "./newest";
import { Pace } from "./pace";

const TELL_MS = 250;
const FINISHED = "exchange.finished";

export class Exchanges implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onChanged = this.changed.event;
  private readonly listening: Disposable;
  private readonly pace = new Pace(TELL_MS, () => {
    this.changed.fire();
  });
  private following: { dispose(): void } | undefined;
  private shown: RunningHost | undefined;
  private manifest = "";
  /** The newest first. */
  list: readonly Summary[] = [];
  where = "";

  constructor(
    private readonly hosts: Hosts,
    private readonly limit: () => number,
  ) {
    this.listening = hosts.onChanged((host) => {
      this.begin(host).catch(() => undefined); // it went away again
    });
  }

  /** Show only what matches a filter; rejects with the host's words if it is none. */
  async filter(where: string): Promise<void> {
    const before = this.where;
    this.where = where;
    try {
      await this.begin(this.hosts.current);
      this.pace.changed();
    } catch (error) {
      this.where = before;
      throw error;
    }
  }

  dispose(): void {
    this.pace.dispose();
    this.listening.dispose();
    this.changed.dispose();
  }

  private async begin(host: RunningHost | undefined): Promise<void> {
    if (host !== undefined && host !== this.shown) {
      this.shown = host;
      this.list = host.file.manifest === this.manifest ? this.list : [];
      this.manifest = host.file.manifest;
    }
    const where = this.where === "" ? {} : { where: this.where };
    if (host !== undefined) {
      const { connection } = host;
      let fresh: readonly Summary[] = [];
      let known: readonly Summary[] | undefined = undefined;
      const following = await connection.subscribe("exchange/subscribe", where, (events) => {
        fresh = newestOf(finishedOf(events), fresh, this.limit());
        if (known !== undefined && following === this.following) {
          this.set(newestOf(fresh, known, this.limit()));
        }
      });
      this.following?.dispose();
      this.following = following;
      const page = { ...where, limit: this.limit() };
      known = (await connection.call<{ exchanges: Summary[] }>("exchange/list", page)).exchanges;
      if (following === this.following) {
        this.set(newestOf(fresh, known, this.limit()));
      }
    }
  }

  private set(list: readonly Summary[]): void {
    this.list = list;
    this.pace.changed();
  }
}

/** The exchanges that events tell of, the newest first. */
function finishedOf(events: readonly HostEvent[]): Summary[] {
  const finished = events.filter((event) => event.kind === FINISHED);
  return finished.map((event) => event.data as Summary).reverse();
}
