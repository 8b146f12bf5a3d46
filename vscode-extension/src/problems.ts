// The problems of builds, by the file they are in; pure.
import type { BuildStatus, Problem } from "./control/answers";

const FAILED = "failed";
const START = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

export interface OfHost {
  readonly manifest: string;
  readonly status: BuildStatus;
}

/** Those that have a place; of a build that failed without one, that it did. */
export function problemsByFile(hosts: readonly OfHost[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  const add = (path: string, problem: Problem): void => {
    found.set(path, [...(found.get(path) ?? []), problem]);
  };
  for (const { manifest, status } of hosts) {
    for (const { state, reason, diagnostics } of status.components) {
      const placed = diagnostics.filter(({ path }) => path !== null);
      for (const { path, range, ...rest } of placed) {
        add(path ?? manifest, { ...rest, path, range: range ?? START });
      }
      if (state === FAILED && placed.length === 0) {
        const whole = { code: "build-failed", severity: "error", path: manifest } as const;
        add(manifest, { ...whole, range: START, message: reason });
      }
    }
  }
  return found;
}
