import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseRunFile } from "../src/control/runFiles";
import { candidates, firstThatAnswers, isOlder } from "../src/program";
import { outcomesOf, readCases, readPytest, testsIn } from "../src/testing/outcomes";

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
});

const REPORT = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite>
<testcase classname="my tests.test_a" name="test_x[a b]" time="0.001" />
<testcase classname="my tests.test_a" name="test_x[&gt;]" time="0.002"><failure
 message="assert &quot;a&quot;">my tests/test_a.py:5: in test_x
    helper()
C:\\lib\\test_a.py:8: in helper
lib/other.py:9: in other
E   assert &quot;&lt;a&gt;&quot; == &#39;&amp;lt;&#39;</failure></testcase>
<testcase classname="my tests.test_a.TestY" name="test_y" time="0"><skipped
 type="pytest.skip" message="no &lt;way&gt;" /></testcase>
<testcase classname="my tests.test_a" name="test_y" time="0"><skipped
 type="pytest.xfail" message="known" /></testcase>
<testcase classname="my tests.test_a" name="test_z" time="0"><error
 message="failed on setup">oops</error></testcase></testsuite></testsuites>`;

test("what pytest reports is read", () => {
  const outcomes = readPytest(REPORT, "/app/my tests/test_a.py");
  const said = (name: string): unknown[] =>
    outcomesOf(name, "test_a", outcomes).map(({ passed, skipped, line }) => [
      passed,
      skipped,
      line,
    ]);
  assert.deepEqual(said("test_x"), [
    [true, false, undefined],
    [false, false, 7],
  ]);
  assert.deepEqual(said("TestY::test_y"), [[true, true, undefined]]);
  assert.deepEqual(said("test_y"), [[true, false, undefined]]);
  assert.deepEqual(said("test_z"), [[false, false, undefined]]);
  assert.deepEqual(said("est_z"), []);
  assert.match(
    outcomes[1]?.message ?? "",
    /^assert "a"\n\nmy tests[^]*E {3}assert "<a>" == '&lt;'$/,
  );
  assert.equal(outcomes[2]?.message, "no <way>");
  const broken = `<testcase classname="" name="test_a" time="0"><error message="collection failure">
E   SyntaxError</error></testcase>`;
  const [only] = outcomesOf("test_x", "test_a", readPytest(broken, "/app/test_a.py"));
  assert.equal(only?.passed, false);
  assert.deepEqual(readPytest("<testsuites/>", "/app/test_a.py"), []);
});

test("the tests of a file are those that use the application", () => {
  const source = `import pytest

def test_a(app):
    def test_within(app): ...

def test_b(tmp_path): ...

@pytest.fixture
def client(app): ...

async def test_c(
    x,
    client: App,
): ...

class TestD:
    def test_d(self, app): ...

class Other:
    def test_e(self, app): ...
`;
  assert.deepEqual(testsIn(source), [
    { name: "test_a", line: 2 },
    { name: "test_c", line: 10 },
    { name: "TestD::test_d", line: 16 },
  ]);
});
