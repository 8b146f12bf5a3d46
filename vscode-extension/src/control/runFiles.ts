// Run files: by which running hosts are found.
import { readFile, readdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, sep } from "node:path";

export interface RunFile {
  readonly pid: number;
  readonly version: string;
  readonly manifest: string;
  readonly base_url: string;
  readonly endpoint: string;
  readonly token: string;
}

export function runDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env["XDG_RUNTIME_DIR"];
  if (runtime !== undefined && runtime !== "" && existsSync(runtime)) {
    return join(runtime, "spindle");
  }
  const cache = env["XDG_CACHE_HOME"] ?? "";
  return join(cache === "" ? join(homedir(), ".cache") : cache, "spindle", "run");
}

/** What can be read of a run file's text. */
export function parseRunFile(text: string): RunFile | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isRunFile(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isRunFile(read: unknown): read is RunFile {
  if (typeof read !== "object" || read === null) {
    return false;
  }
  const fields = read as Record<string, unknown>;
  const texts = ["version", "manifest", "base_url", "endpoint", "token"];
  return typeof fields["pid"] === "number" && texts.every((n) => typeof fields[n] === "string");
}

/** The hosts that run and serve an application below a folder. */
export async function hostsOf(folder: string, directory = runDirectory()): Promise<RunFile[]> {
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => name.endsWith(".json"));
  const read = await Promise.all(
    files.map(async (name) =>
      parseRunFile(await readFile(join(directory, name), "utf8").catch(() => "")),
    ),
  );
  return read
    .filter((file) => file !== undefined)
    .filter((file) => isWithin(folder, file.manifest) && isAlive(file.pid));
}

/** Of those that serve an application, the one whose folder a file is in; the innermost. */
export function nearest<T extends { readonly file: RunFile }>(
  hosts: readonly T[],
  path: string,
): T | undefined {
  const folderOf = ({ file }: T): string => dirname(file.manifest);
  return hosts
    .filter((host) => isWithin(folderOf(host), path))
    .sort((a, b) => folderOf(a).length - folderOf(b).length)
    .at(-1);
}

export function isWithin(folder: string, manifest: string): boolean {
  return manifest === folder || manifest.startsWith(folder + sep);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
