// The host of a folder's application: found, followed, and missed when it goes.
import { Disposable, EventEmitter } from "vscode";
import { dirname } from "node:path";
import { FSWatcher, mkdirSync, watch } from "node:fs";
import { Connection } from "./control/connection";
import { RunFile, hostsOf, runDirectory } from "./control/runFiles";

const SETTLE_MS = 50;

export interface RunningHost {
  readonly file: RunFile;
  readonly connection: Connection;
}

export class Hosts implements Disposable {
  private readonly changed = new EventEmitter<RunningHost | undefined>();
  /** Told of the host that serves now, or that none does. */
  readonly onChanged = this.changed.event;
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private folders: readonly string[] = [];
  current: RunningHost | undefined;

  /** The folder of the application that runs. */
  get folder(): string | undefined {
    return this.current === undefined ? undefined : dirname(this.current.file.manifest);
  }

  /** Follow the host that serves an application in one of these folders. */
  follow(folders: readonly string[]): void {
    this.folders = folders;
    this.watcher ??= watchDirectory(runDirectory(), () => {
      this.lookSoon();
    });
    this.lookSoon();
  }

  /** A host of a folder; waits until there is one, so long. */
  async wait(milliseconds: number): Promise<RunningHost | undefined> {
    if (this.current !== undefined) {
      return this.current;
    }
    return await new Promise((resolve) => {
      const listening = this.onChanged((host) => {
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
    this.current?.connection.close();
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
    if (this.current !== undefined && found.some((file) => file.pid === this.current?.file.pid)) {
      return;
    }
    const file = found.at(-1);
    const next = file === undefined ? undefined : await this.connect(file);
    if (next !== this.current) {
      this.set(next);
    }
  }

  private async connect(file: RunFile): Promise<RunningHost | undefined> {
    try {
      const connection = await Connection.open(file, () => {
        if (this.current?.connection === connection) {
          this.set(undefined);
          this.lookSoon();
        }
      });
      return { file, connection };
    } catch {
      return undefined; // it ended meanwhile
    }
  }

  private set(next: RunningHost | undefined): void {
    this.current?.connection.close();
    this.current = next;
    this.changed.fire(next);
  }
}

function watchDirectory(directory: string, listener: () => void): FSWatcher {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return watch(directory, listener);
}
