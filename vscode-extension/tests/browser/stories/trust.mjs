import assert from "node:assert/strict";
import { until } from "../world.mjs";

export const trustStories = {
  "nothing is executed before the workspace is trusted": async (world) => {
    const { editor } = world;
    await editor.sees('.statusbar-item:has-text("Restricted Mode")');
    await editor.openFile("spin.toml");
    await editor.command("Developer: Show Running Extensions");
    await editor.sees('.extension:has-text("Spindle") .activation-time');
    assert.deepEqual(world.called(), []);
    await editor.press("Escape");
    await editor.trust();
    await until("its server is started", () =>
      world.called().some(({ args }) => args.includes("lsp")),
    );
  },
};
