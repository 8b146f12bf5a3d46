// The `spindle` program: where it may be, and which one answers.
import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

export interface Candidate {
  readonly command: string;
  readonly args: readonly string[];
  /** Where it was found, in words. */
  readonly from: string;
}

export interface Program extends Candidate {
  readonly version: string;
}

export interface Places {
  readonly path: string;
  readonly interpreter: string;
  /** The interpreter of the active Python environment. */
  readonly activeInterpreter: string | undefined;
  readonly pathVariable: string;
  readonly windows: boolean;
}

/** Oldest version whose server and control endpoint this extension can talk to. */
export const OLDEST = [0, 1] as const;

const PATIENCE_MS = 20_000;
const AS_MODULE = ["-m", "spindle.cli"];

/** The candidates, the one to prefer first; one that was set leaves no choice. */
export function candidates(places: Places): Candidate[] {
  if (places.path !== "") {
    return [{ command: places.path, args: [], from: "the setting `spindle.path`" }];
  }
  if (places.interpreter !== "") {
    const from = "the setting `spindle.interpreter`";
    return [{ command: places.interpreter, args: AS_MODULE, from }];
  }
  const found: Candidate[] = [];
  if (places.activeInterpreter !== undefined) {
    const from = "the active Python environment";
    found.push({ command: places.activeInterpreter, args: AS_MODULE, from });
  }
  for (const directory of places.pathVariable.split(delimiter)) {
    const command = join(directory, places.windows ? "spindle.exe" : "spindle");
    if (directory !== "" && existsSync(command)) {
      found.push({ command, args: [], from: "PATH" });
      break;
    }
  }
  return found;
}

/** The first candidate that is a Spindle, and why the ones before it are none. */
export async function firstThatAnswers(
  tried: readonly Candidate[],
): Promise<{ program: Program | undefined; failures: string[] }> {
  const failures: string[] = [];
  for (const candidate of tried) {
    try {
      const version = await versionOf(candidate);
      if (isOlder(version)) {
        failures.push(`${candidate.command} is version ${version}, which is too old`);
        continue;
      }
      return { program: { ...candidate, version }, failures };
    } catch (error) {
      failures.push(`${candidate.command} (${candidate.from}): ${why(error)}`);
    }
  }
  return { program: undefined, failures };
}

async function versionOf(candidate: Candidate): Promise<string> {
  const { stdout } = await promisify(execFile)(
    candidate.command,
    [...candidate.args, "--version"],
    {
      timeout: PATIENCE_MS,
      windowsHide: true,
    },
  );
  const version = /^spindle (\d+\.\d+\S*)/m.exec(stdout)?.[1];
  if (version === undefined) {
    throw new Error("it is no Spindle");
  }
  return version;
}

export function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such program",
  EACCES: "it is no program that may be run",
};

function why(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string" && code in REASONS) {
    return REASONS[code] ?? code;
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}
