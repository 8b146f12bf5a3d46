import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { BuildStatus, Told } from "../src/control/answers";
import { problemsByFile } from "../src/problems";

interface Pattern {
  readonly regexp: string;
}

interface Matcher {
  readonly name: string;
  readonly pattern: readonly Pattern[];
  readonly background?: { readonly beginsPattern: string; readonly endsPattern: string };
}

const MATCHERS = (
  JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: { problemMatchers: readonly Matcher[] };
  }
).contributes.problemMatchers;

/** What a matcher finds, as an editor does: its patterns on lines that follow one another. */
function found(name: string, output: string): string[] {
  const [said, place] = MATCHERS.find((each) => each.name === name)?.pattern ?? [];
  const lines = output.split("\n");
  return lines.flatMap((line, at) => {
    const [, severity, code, message] = new RegExp(said?.regexp ?? "").exec(line) ?? [];
    const [, file, row, column] = new RegExp(place?.regexp ?? "").exec(lines[at + 1] ?? "") ?? [];
    return file === undefined || message === undefined
      ? []
      : [`${file}:${row ?? ""}:${column ?? ""}: ${severity ?? ""} ${code ?? ""}: ${message}`];
  });
}

const PRINTED = `Building component rust with \`cargo build\`
rust | error[E0425]: cannot find value \`missing\` in this scope
rust |  --> src/main.rs:5:34
error[E0308]: mismatched types
 --> src/main.rs:4:22
error: Build command for component rust failed with status Exited(101)
error[build-error]: cannot find value \`missing\` in this scope [E0425]
  --> /home/me/my app/rust/src/main.rs:5:34
warning[build-warning]: unused import: \`std::collections::HashMap\`
  --> C:\\app\\src\\prices.rs:1:5
error[undefined-component]: no such component "rst"
  --> spin.toml:5:13`;

test("problems are found once, where their paths are whole", () => {
  for (const name of ["spindle", "spindle-watch"]) {
    assert.deepEqual(found(name, PRINTED), [
      "/home/me/my app/rust/src/main.rs:5:34: error build-error: " +
        "cannot find value `missing` in this scope [E0425]",
      "C:\\app\\src\\prices.rs:1:5: warning build-warning: " +
        "unused import: `std::collections::HashMap`",
    ]);
  }
});

const WATCHED = `Building component hello with \`make\`
Serving http://127.0.0.1:3000
Reading \`spin.toml\` anew.
error[undefined-component]: no such component "helo"
  --> /app/spin.toml:5:13
warning: the application is served as it was before the change
Reading \`spin.toml\` anew.
Serving the application anew.
error: the request was not answered`;

test("what is read anew has the problems of this reading alone", () => {
  const { beginsPattern, endsPattern } =
    MATCHERS.find(({ name }) => name === "spindle-watch")?.background ?? assert.fail();
  const marks = WATCHED.split("\n").map(
    (line) =>
      `${new RegExp(beginsPattern).test(line) ? "(" : ""}${new RegExp(endsPattern).test(line) ? ")" : ""}`,
  );
  assert.deepEqual(marks, ["(", ")", "(", "", "", ")", "(", ")", ")"]);
});

const PLACED: Told = {
  code: "build-error",
  severity: "error",
  message: "it is wrong",
  path: "/app/a.rs",
  range: { start: { line: 1, character: 2 }, end: { line: 1, character: 2 } },
};

function status(id: string, state: string, diagnostics: readonly Told[]): BuildStatus {
  return { components: [{ id, state, reason: "it failed", diagnostics }] };
}

test("problems of all hosts are by file; a failure without a place is the manifest's", () => {
  const found = problemsByFile([
    { manifest: "/app/spin.toml", status: status("a", "failed", [PLACED]) },
    { manifest: "/app/spin.toml", status: status("b", "fresh", [{ ...PLACED, range: null }]) },
    { manifest: "/other/spin.toml", status: status("c", "failed", []) },
    { manifest: "/good/spin.toml", status: status("d", "fresh", []) },
  ]);
  assert.deepEqual([...found.keys()], ["/app/a.rs", "/other/spin.toml"]);
  assert.deepEqual(
    found.get("/app/a.rs")?.map(({ range }) => range.start.line),
    [1, 0],
  );
  assert.equal(found.get("/other/spin.toml")?.[0]?.message, "it failed");
});
