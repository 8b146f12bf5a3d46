import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseRunFile } from "../src/control/runFiles";
import { candidates, firstThatAnswers, isOlder } from "../src/program";
import { readCases, readPytest, testsIn } from "../src/testing/outcomes";

const PLACES = {
  path: "",
  interpreter: "",
  activeInterpreter: undefined,
  pathVariable: "",
  windows: false,
};

function program(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "spindle-program-")), "spindle");
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

test("what was set leaves no choice; the environment goes before PATH", () => {
  const path = program("echo spindle 0.1.0");
  const found = { ...PLACES, activeInterpreter: "/env/python", pathVariable: join(path, "..") };
  assert.deepEqual(
    candidates(found).map(({ command }) => command),
    ["/env/python", path],
  );
  assert.deepEqual(
    candidates({ ...found, path: "/mine" }).map(({ command }) => command),
    ["/mine"],
  );
  assert.deepEqual(candidates({ ...found, interpreter: "/py" })[0]?.args, ["-m", "spindle.cli"]);
});

test("the first that answers is taken, and why the others are not is said", async () => {
  const commands = [
    "/there/is/none",
    program("echo something else"),
    program("exit 3"),
    program("echo spindle 0.0.9"),
    program("echo spindle 0.2.0"),
  ];
  const tried = commands.map((command) => ({ command, args: [], from: "a test" }));
  const { program: found, failures } = await firstThatAnswers(tried);
  assert.equal(found?.version, "0.2.0");
  assert.equal(failures.length, 4);
  assert.equal(failures[0], "/there/is/none (a test): there is no such program");
  assert.match(failures[1] ?? "", /no Spindle/);
  assert.match(failures[3] ?? "", /too old/);
});

test("versions are compared by their numbers", () => {
  assert.deepEqual(["0.0.9", "0.1.0", "0.10.1", "1.0.0a1"].map(isOlder), [
    true,
    false,
    false,
    false,
  ]);
});

test("only whole run files are taken", () => {
  const whole = {
    pid: 1,
    version: "0.1.0",
    manifest: "/a",
    base_url: "",
    endpoint: "",
    token: "t",
  };
  assert.deepEqual(parseRunFile(JSON.stringify(whole)), whole);
  for (const text of ["", "null", "[]", JSON.stringify({ ...whole, pid: "1" }), "{"]) {
    assert.equal(parseRunFile(text), undefined);
  }
});

test("outcomes of cases and of pytest are read", () => {
  const cases = [
    { path: "/a", passed: true, took: 0.05, error: null, differences: [] },
    {
      path: "/b",
      passed: false,
      took: 0.1,
      error: null,
      differences: [{ part: "output", path: "status", before: 201, after: 500 }],
    },
  ];
  const [first, second] = readCases(JSON.stringify(cases));
  assert.deepEqual(first, { name: "/a", passed: true, message: "", took: 50 });
  assert.match(second?.message ?? "", /output\.status\n {2}was 201\n {2}is {2}500/);
  const printed =
    "PASSED t/test_a.py::test_x[1]\nFAILED t/test_a.py::test_y - assert 1 == 2\nnoise";
  assert.deepEqual(
    readPytest(printed).map(({ name, passed, message }) => [name, passed, message]),
    [
      ["test_x[1]", true, ""],
      ["test_y", false, "assert 1 == 2"],
    ],
  );
});

test("the tests of a file are those that use the application", () => {
  const source =
    "def test_a(app):\n    pass\n\ndef test_b(tmp_path):\n\nasync def test_c(x, app: App):";
  assert.deepEqual(testsIn(source), [
    { name: "test_a", line: 0 },
    { name: "test_c", line: 5 },
  ]);
});
