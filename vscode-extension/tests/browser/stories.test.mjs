// What a person does in the editor, done in a real one; pictures are left in `dist/pictures`.
//
// The stories follow one another in one window, as a day does. With `ONLY=word,word` those are
// told that have a word in their names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { faultStories } from "./stories/faults.mjs";
import { languageStories } from "./stories/language.mjs";
import { liveStories } from "./stories/live.mjs";
import { notebookStories } from "./stories/notebooks.mjs";
import { runningStories } from "./stories/running.mjs";
import { sendingStories } from "./stories/sending.mjs";
import { stateStories } from "./stories/state.mjs";
import { testingStories } from "./stories/testing.mjs";
import { trustStories } from "./stories/trust.mjs";
import { World } from "./world.mjs";

let world;
let failed;

before(async () => {
  world = await World.make();
});

after(async () => {
  await world?.end();
});

const stories = {
  ...trustStories,
  ...languageStories,
  ...liveStories,
  ...sendingStories,
  ...stateStories,
  ...testingStories,
  ...notebookStories,
  ...runningStories,
  ...faultStories,
};

const only = process.env.ONLY?.split(",");

for (const [name, story] of Object.entries(stories)) {
  if (only !== undefined && !only.some((word) => name.includes(word))) {
    continue;
  }
  test(name, async () => {
    assert.equal(failed, undefined, "each story begins where the one before it ended");
    try {
      await story(world);
    } catch (error) {
      failed = name;
      await world.editor.picture("failed");
      await world.editor.command("Problems: Focus on Problems View").catch(() => undefined);
      await world.editor.picture("failed-problems");
      world.editor.keepLogs();
      throw error;
    }
  });
}
