// What test runs print, read; pure.

export interface Outcome {
  /** A case's file, or a test's name within its file. */
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
  /** Milliseconds, if known. */
  readonly took: number | undefined;
}

interface CaseDocument {
  readonly path: string;
  readonly passed: boolean;
  readonly took: number;
  readonly error: string | null;
  readonly differences: readonly {
    readonly part: string;
    readonly path: string;
    readonly before: unknown;
    readonly after: unknown;
  }[];
}

/** The outcomes that `spindle test --format json` prints; raises where it printed none. */
export function readCases(stdout: string): Outcome[] {
  const cases = JSON.parse(stdout) as readonly CaseDocument[];
  return cases.map((each) => {
    const differences = each.differences.map(
      ({ part, path, before, after }) =>
        `${[part, path].filter((name) => name !== "").join(".")}\n  was ${said(before)}\n  is  ${said(after)}`,
    );
    return {
      name: each.path,
      passed: each.passed,
      message: [...(each.error === null ? [] : [each.error]), ...differences].join("\n"),
      took: each.took * 1000,
    };
  });
}

function said(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

const LINE = /^(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) \S*?::(\S+?)(?: - (.*))?$/;

/** The outcomes of the lines that `pytest -rA` ends with. */
export function readPytest(stdout: string): Outcome[] {
  return stdout
    .split(/\r?\n/)
    .map((line) => LINE.exec(line))
    .filter((found) => found !== null)
    .map(([, outcome, name = "", message]) => ({
      name,
      passed: outcome === "PASSED" || outcome === "XFAIL" || outcome === "SKIPPED",
      message: message ?? "",
      took: undefined,
    }));
}

/** The tests of a Python file that use the application, with their lines from 0. */
export function testsIn(source: string): { readonly name: string; readonly line: number }[] {
  const found: { name: string; line: number }[] = [];
  source.split(/\r?\n/).forEach((text, line) => {
    const [, name, parameters] = /^(?:async )?def (test_\w+)\s*\(([^)]*)/.exec(text) ?? [];
    if (name !== undefined && /\bapp\b/.test(parameters ?? "")) {
      found.push({ name, line });
    }
  });
  return found;
}
