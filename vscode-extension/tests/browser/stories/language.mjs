import { until } from "../world.mjs";

export const languageStories = {
  "a mistake is underlined, and its fix removes it": async (world) => {
    const { editor } = world;
    const manifest = world.read("spin.toml");
    editor.write("app/spin.toml", manifest.replace('component = "hello"', 'component = "helo"'));
    await editor.openFile("spin.toml");
    await editor.sees(".squiggly-error");
    await editor.picture("mistake");
    await editor.page
      .locator(".view-line", { hasText: 'component = "helo"' })
      .locator("text=helo")
      .click();
    // Nothing opens before the editor knows what it can offer here.
    await until("fixes are offered", async () => {
      await editor.press("Control+.");
      return await editor.appears(".action-widget");
    });
    await editor.picture("fixes");
    await editor.press("Enter");
    await editor.sees(".squiggly-error", "detached");
    await editor.press("Control+S");
  },
};
