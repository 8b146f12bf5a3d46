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
    await editor.answer("good evening");
    await editor.confirm("Set");
    await until("it is set", () => world.spindle("kv", "get", "greeting").includes("good evening"));
  },
};
