// Folders that come and go with all they have: of their files an editor tells nothing.
import { Disposable, GlobPattern, RelativePattern, Uri, workspace } from "vscode";
import { stat } from "node:fs/promises";

/** Folders in which nothing is looked for. */
const IGNORED = [".git", "node_modules", "target", ".venv", ".spin"];
const ELSEWHERE = `**/{${IGNORED.join(",")}}/**`;

/** Tell of files of a pattern that came with their folder, and of whatever went. */
export function watchFolders(
  pattern: string,
  came: (file: Uri) => void,
  gone: (place: Uri) => void,
): Disposable {
  const watcher = workspace.createFileSystemWatcher("**/*", false, true, false);
  const look = async (place: Uri): Promise<void> => {
    const isElsewhere = place.fsPath.split(/[\\/]/).some((name) => IGNORED.includes(name));
    if (!isElsewhere && (await stat(place.fsPath)).isDirectory()) {
      (await filesOf(new RelativePattern(place, pattern))).forEach(came);
    }
  };
  return Disposable.from(
    watcher,
    watcher.onDidCreate((place) => {
      look(place).catch(() => undefined); // it went again
    }),
    watcher.onDidDelete(gone),
  );
}

export async function filesOf(pattern: GlobPattern): Promise<Uri[]> {
  return await workspace.findFiles(pattern, ELSEWHERE);
}

/** Whether a file is at a place, or in the folder that is there. */
export function isWithin(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}${place.includes("\\") ? "\\" : "/"}`);
}
