import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface Pattern {
  readonly regexp: string;
  readonly file?: number;
  readonly line?: number;
  readonly message?: number;
}

interface Matcher {
  readonly name: string;
  readonly pattern: Pattern | readonly Pattern[];
}

const MATCHERS = (
  JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: { problemMatchers: readonly Matcher[] };
  }
).contributes.problemMatchers;

/** What a matcher finds, as an editor does: its patterns on lines that follow one another. */
function found(name: string, output: string): string[] {
  const matcher = MATCHERS.find((each) => each.name === name);
  assert.ok(matcher);
  const patterns = Array.isArray(matcher.pattern)
    ? (matcher.pattern as readonly Pattern[])
    : [matcher.pattern as Pattern];
  const lines = output.split("\n");
  return lines.flatMap((_, at) => {
    const parts = patterns.map((pattern, n) =>
      new RegExp(pattern.regexp).exec(lines[at + n] ?? ""),
    );
    if (parts.some((part) => part === null)) {
      return [];
    }
    const said = (key: "file" | "line" | "message"): string => {
      const n = patterns.findIndex((pattern) => pattern[key] !== undefined);
      return parts[n]?.[patterns[n]?.[key] ?? 0] ?? "";
    };
    return [`${said("file")}:${said("line")}: ${said("message")}`];
  });
}

test("mistakes of Python are found in what componentize-py prints", () => {
  const printed = `Building component hello with \`componentize-py componentize app\`
Traceback (most recent call last):
  File "/app/.venv/bin/componentize-py", line 8, in <module>
    sys.exit(script())
             ^^^^^^^^
AssertionError:   File "/0/app.py", line 14
    def broken(:
               ^
SyntaxError: invalid syntax

`;
  assert.deepEqual(found("spindle-python", printed), ["app.py:14: SyntaxError: invalid syntax"]);
  const plain = `hello |   File "/0/app.py", line 2, in <module>
hello |     import nothing_there
hello | ModuleNotFoundError: No module named 'nothing_there'`;
  assert.deepEqual(found("spindle-python-plain", plain), [
    "app.py:2: ModuleNotFoundError: No module named 'nothing_there'",
  ]);
});

test("mistakes of Rust, TypeScript and bundles are found, with names of components or without", () => {
  const rust = `error[E0425]: cannot find value \`x\` in this scope
 --> src/lib.rs:5:9
  |`;
  const named = rust.replace(/^/gm, "api | ");
  for (const printed of [rust, named]) {
    assert.deepEqual(found("spindle-rustc", printed), [
      "src/lib.rs:5: cannot find value `x` in this scope",
    ]);
  }
  assert.deepEqual(found("spindle-tsc", "web | src/index.ts(3,7): error TS2322: Type 'a'"), [
    "src/index.ts:3: Type 'a'",
  ]);
  const bundle = '✘ [ERROR] Could not resolve "x"\n\n    src/index.js:1:7:\n      1 │ import "x"';
  assert.deepEqual(found("spindle-esbuild", bundle), ['src/index.js:1: Could not resolve "x"']);
});
