import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { RunFile } from "../src/control/runFiles";
import { nearest } from "../src/control/runFiles";
import { Pace } from "../src/pace";
import { changesOf, isQuery, quoted, resultsText, tableText } from "../src/views/tables";

test("what comes fast is told at once, and then at a pace, the last of it too", async () => {
  let told = 0;
  await new Promise<void>((resolve) => {
    const pace = new Pace(5, () => {
      told += 1;
      if (told === 2) {
        resolve();
      }
    });
    for (let at = 0; at < 1000; at += 1) {
      pace.changed();
    }
    assert.equal(told, 1);
  });
  assert.equal(told, 2);
});

test("a file belongs to the innermost application that runs above it", () => {
  const host = (manifest: string): { file: RunFile } => ({
    file: { pid: 1, version: "", manifest, base_url: "", endpoint: "", token: "" },
  });
  const hosts = [host("/apps/deep/spin.toml"), host("/apps/spin.toml")];
  assert.equal(nearest(hosts, "/apps/deep/src/a.py"), hosts[0]);
  assert.equal(nearest(hosts, "/apps/a.http"), hosts[1]);
  assert.equal(nearest(hosts, "/appstore/a.http"), undefined);
});

test("only statements that change nothing run unasked", () => {
  for (const sql of [
    "select 1",
    " SELECT * FROM t;",
    "EXPLAIN DELETE FROM t",
    "pragma user_version",
  ]) {
    assert.ok(isQuery(sql), sql);
  }
  for (const sql of [
    "delete from t",
    "select 1; drop table t",
    "with x as (select 1) delete from t",
    "pragma user_version = 2",
    "selection",
  ]) {
    assert.ok(!isQuery(sql), sql);
  }
  assert.equal(quoted('a"b'), '"a""b"');
  assert.equal(tableText(["id", "name"], [[1, "Ada\n"]]), "id  name\n──  ────\n1   Ada�");
});

test("what statements found is shown, the more of them one below another", () => {
  const cut = {
    columns: ["a"],
    rows: [[{ blob: "AP8=" }]],
    count: 2,
    counted: true,
    changes: null,
  };
  const nothing = { columns: [], rows: [], count: 0, counted: true, changes: 2 };
  const all = { columns: ["b"], rows: [[null]], count: 1, counted: true, changes: 1 };
  assert.equal(
    resultsText([cut, nothing, all]),
    "a\n───────\nx'00ff'\n… the first 1 of 2 rows\n\nb\n────\nNULL\n",
  );
  assert.equal(changesOf([cut, nothing, all]), 3);
});

test("it runs beside the files, and nothing of it before they are trusted", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    extensionKind: string[];
    capabilities: {
      untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] };
    };
    contributes: { configuration: { properties: Record<string, { scope?: string }> } };
  };
  // There alone are the program, its run files and sockets; pages are opened by the editor's own
  // means, which forward the port to where the person's browser is.
  assert.deepEqual(manifest.extensionKind, ["workspace"]);
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.equal(supported, "limited");
  for (const name of ["spindle.path", "spindle.interpreter", "spindle.up.arguments"]) {
    assert.ok(restrictedConfigurations.includes(name), name);
    assert.ok(name in manifest.contributes.configuration.properties, name);
  }
});
