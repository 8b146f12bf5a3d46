// The applications of the workspace: the folders that have a manifest, as they come and go.
import { Disposable, EventEmitter, workspace } from "vscode";
import { dirname } from "node:path";
import { filesOf, isWithin, watchFolders } from "./folders";

const MANIFESTS = "**/spin.toml";

export class Apps implements Disposable {
  private readonly changed = new EventEmitter<readonly string[]>();
  /** Told of the folders. */
  readonly onChanged = this.changed.event;
  private readonly owned: readonly { dispose(): void }[];
  private looking: Promise<void> = Promise.resolve();
  folders: readonly string[] = [];

  constructor() {
    const watcher = workspace.createFileSystemWatcher(MANIFESTS, false, true, false);
    const look = (): void => void this.look();
    this.owned = [
      this.changed,
      watcher,
      watcher.onDidCreate(look),
      watcher.onDidDelete(look),
      workspace.onDidChangeWorkspaceFolders(look),
      watchFolders(MANIFESTS, look, ({ fsPath }) => {
        if (this.folders.some((folder) => isWithin(folder, fsPath))) {
          look();
        }
      }),
    ];
  }

  /** One look follows another: the last to begin is the one that counts. */
  async look(): Promise<void> {
    this.looking = this.looking.then(async () => {
      this.folders = (await manifests()).map(dirname);
      this.changed.fire(this.folders);
    });
    await this.looking;
  }

  dispose(): void {
    for (const owned of this.owned) {
      owned.dispose();
    }
  }
}

/** The manifests of the workspace. */
export async function manifests(): Promise<string[]> {
  return (await filesOf(MANIFESTS)).map((uri) => uri.fsPath).sort();
}
