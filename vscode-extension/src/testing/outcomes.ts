// What test runs print, read; pure.

export interface Outcome {
  /** A case's file, or a test's name after those of its folders, its file and its class. */
  readonly name: string;
  readonly passed: boolean;
  readonly skipped?: boolean;
  readonly message: string;
  /** Milliseconds. */
  readonly took: number;
  /** The line of the file where it failed, from 0. */
  readonly line?: number | undefined;
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

const CASE = /<testcase ([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g;
const REASON = /<(failure|error|skipped)([^>]*?)(?:\/>|>([^]*?)<\/\1>)/;

/** The outcomes that pytest says in JUnit's XML; `file` is what they are of. */
export function readPytest(xml: string, file: string): Outcome[] {
  return [...xml.matchAll(CASE)].map(([, of = "", content = ""]) => {
    const [, kind, about = "", told = ""] = REASON.exec(content) ?? [];
    const reason = attribute(about, "message");
    const traceback = plain(told);
    const skipped = kind === "skipped" && !attribute(about, "type").endsWith("xfail");
    return {
      name: `${attribute(of, "classname")}.${attribute(of, "name").replace(/\[.*$/s, "")}`,
      passed: kind === undefined || kind === "skipped",
      skipped,
      message: [reason, traceback].filter((part) => part !== "").join("\n\n"),
      took: Number(attribute(of, "time")) * 1000,
      line: lineIn(traceback, file),
    };
  });
}

/** Those that are of a test of a file; one that could not be read has only one, without names. */
export function outcomesOf(
  test: string,
  stem: string,
  outcomes: readonly Outcome[],
): readonly Outcome[] {
  const end = `.${stem}.${test.replaceAll("::", ".")}`;
  const own = outcomes.filter(({ name }) => `.${name}`.endsWith(end));
  return own.length === 0 && outcomes.length === 1 ? outcomes : own;
}

/** The innermost line of a traceback that is in a file, from 0. */
function lineIn(traceback: string, file: string): number | undefined {
  const nameOf = (path: string): string | undefined => path.split(/[/\\]/).at(-1);
  const own = [...traceback.matchAll(/^(.+?):(\d+): /gm)].filter(
    ([, path = ""]) => nameOf(path) === nameOf(file),
  );
  const line = own.at(-1)?.[2];
  return line === undefined ? undefined : Number(line) - 1;
}

function attribute(attributes: string, name: string): string {
  return plain(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

/** Text of XML. */
function plain(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) =>
    code === undefined ? (named[name ?? ""] ?? whole) : String.fromCodePoint(Number(code)),
  );
}

const DEFINED = /^(?:class (\w+)|( {4}|\t)?(?:async )?def (\w+)\s*\(([^)]*))/gm;

/**
 * The tests of a Python file that use the application, with their lines from 0; those of a class
 * are named `Class::test`. What uses it is a fixture by its own name.
 */
export function testsIn(source: string): { readonly name: string; readonly line: number }[] {
  const found: { name: string; line: number }[] = [];
  const fixtures = new Set(["app"]);
  let within = "";
  for (const { 1: owner, 2: indent, 3: name = "", 4: parameters = "", index } of source.matchAll(
    DEFINED,
  )) {
    if (owner !== undefined || indent === undefined) {
      within = owner ?? "";
    }
    const used = parameters.split(",").map((each) => /\w+/.exec(each)?.[0] ?? "");
    const isMethod = within.startsWith("Test");
    if (!used.some((each) => fixtures.has(each)) || (indent !== undefined && !isMethod)) {
      continue;
    }
    if (name.startsWith("test_")) {
      const line = source.slice(0, index).split("\n").length - 1;
      found.push({ name: isMethod ? `${within}::${name}` : name, line });
    } else {
      fixtures.add(name);
    }
  }
  return found;
}
