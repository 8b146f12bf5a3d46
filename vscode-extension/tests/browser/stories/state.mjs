import assert from "node:assert/strict";
import { INPUT } from "../editor.mjs";
import { until } from "../world.mjs";

export const stateStories = {
  "what the application keeps is looked at": async (world) => {
    const { editor } = world;
    world.spindle("kv", "set", "greeting", "good morning");
    await editor.command("Spindle: Focus on State View");
    await editor.row("default").click();
    await editor.row("greeting").click();
    await editor.sees('.view-line:has-text("good morning")');
    await editor.picture("state");
    await editor.closeEditors();
    await editor.row("greeting").hover();
    await editor.row("greeting").locator('[aria-label="Set Value…"]').click();
    await editor.answerAnew("good evening");
    await editor.confirm("Set");
    await until("it is set", () => world.spindle("kv", "get", "greeting").includes("good evening"));
  },

  "a database is changed, and a key is deleted": async (world) => {
    const { editor } = world;
    world.spindle("sql", "CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada')");
    await until("its tables are shown", async () => {
      await editor.row("SQLite").click();
      return await editor.appears('.pane-body .monaco-list-row:has-text("people")');
    });
    await editor.row("people").click();
    await editor.seesTab("people");
    await editor.sees('.view-line:has-text("Ada")');
    await editor.act("people", "Run SQL…", INPUT);
    await editor.answerAnew("UPDATE people SET name = 'Grace' RETURNING name");
    await editor.confirm("Run");
    await editor.seesTab("SQL on default");
    await editor.sees('.view-line:has-text("Grace")');
    await editor.picture("sql");
    await editor.closeEditors();
    await editor.act("greeting", "Delete", ".monaco-dialog-box");
    await editor.confirm("Delete");
    await editor.row("greeting").waitFor({ state: "detached" });
    assert.equal(world.spindle("kv", "list"), "");
  },
};
