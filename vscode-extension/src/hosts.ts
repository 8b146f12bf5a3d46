// The hosts of the workspace's applications: found, followed, and missed when they go.
import { Disposable, EventEmitter } from "vscode";
import { dirname } from "node:path";
import { FSWatcher, mkdirSync, watch } from "node:fs";
import { ResponseError } from "vscode-jsonrpc/node";
import { Connection } from "./control/connection";
import { RunFile, hostsOf, isWithin, nearest, runDirectory } from "./control/runFiles";

const SETTLE_MS = 50;

export interface RunningHost {
  readonly file: RunFile;
  readonly connection: Connection;
}

export class Hosts implements Disposable {
  private readonly changed = new EventEmitter<RunningHost | undefined>();
  /** Told of the host that is shown now, or that none is; also when another one came or went. */
  readonly onChanged = this.changed.event;
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private folders: readonly string[] = [];
  private readonly refused = new Set<number>();
  /** All that run, the one that came last at the end. */
  all: readonly RunningHost[] = [];
  /** The one that views show: the one that was chosen, or that came last. */
  current: RunningHost | undefined;

  /** `refuse` is told of hosts that can't be talked to. */
  constructor(private readonly refuse: (why: string) => void) {}

  /** The folder of the application that is shown. */
  get folder(): string | undefined {
    return this.current === undefined ? undefined : dirname(this.current.file.manifest);
  }

  /** Follow the hosts that serve applications below these folders. */
  follow(folders: readonly string[]): void {
    this.folders = folders;
    for (const { file, connection } of this.all) {
      if (!folders.some((folder) => isWithin(folder, file.manifest))) {
        this.lose(connection);
      }
    }
    this.watcher ??= this.watchDirectory(runDirectory());
    this.lookSoon();
  }

  /** The host of the application that a file belongs to; the one that is shown if none is said. */
  find(path?: string): RunningHost | undefined {
    return path === undefined ? this.current : nearest(this.all, path);
  }

  /** Have views show this one. */
  choose(host: RunningHost): void {
    this.set(host);
  }

  /** The host of a file's application; waits until there is one, so long. */
  async wait(milliseconds: number, path?: string): Promise<RunningHost | undefined> {
    const known = this.find(path);
    if (known !== undefined) {
      return known;
    }
    return await new Promise((resolve) => {
      const listening = this.onChanged(() => {
        const host = this.find(path);
        if (host !== undefined) {
          done(host);
        }
      });
      const timer = setTimeout(done, milliseconds, undefined);
      function done(host: RunningHost | undefined): void {
        clearTimeout(timer);
        listening.dispose();
        resolve(host);
      }
    });
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watcher?.close();
    for (const { connection } of this.all) {
      connection.close();
    }
    this.changed.dispose();
  }

  private lookSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.looking = (this.looking ?? Promise.resolve()).then(() => this.look());
    }, SETTLE_MS);
  }

  private async look(): Promise<void> {
    const found = (await Promise.all(this.folders.map((folder) => hostsOf(folder)))).flat();
    const known = new Set(this.all.map(({ file }) => file.endpoint));
    for (const file of found) {
      const host = known.has(file.endpoint) ? undefined : await this.connect(file);
      known.add(file.endpoint); // folders may lie in one another
      if (host !== undefined) {
        this.all = [...this.all, host];
        this.set(host);
      }
    }
  }

  private async connect(file: RunFile): Promise<RunningHost | undefined> {
    try {
      const connection = await Connection.open(file, () => {
        this.lose(connection);
      });
      return { file, connection };
    } catch (error) {
      // One that ended meanwhile gives no answer; another version may give one that is no.
      if (error instanceof ResponseError && !this.refused.has(file.pid)) {
        this.refused.add(file.pid);
        this.refuse(`${file.manifest} is served by Spindle ${file.version}: ${error.message}`);
      }
      return undefined;
    }
  }

  private lose(connection: Connection): void {
    this.all = this.all.filter((host) => host.connection !== connection);
    connection.close();
    this.set(this.current?.connection === connection ? this.all.at(-1) : this.current);
    this.lookSoon();
  }

  private set(next: RunningHost | undefined): void {
    this.current = next;
    this.changed.fire(next);
  }

  private watchDirectory(directory: string): FSWatcher | undefined {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      return watch(directory, () => {
        this.lookSoon();
      });
    } catch (error) {
      this.refuse(`running hosts can't be seen in ${directory}: ${String(error)}`);
      return undefined;
    }
  }
}
