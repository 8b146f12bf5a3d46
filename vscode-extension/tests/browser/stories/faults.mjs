import { until } from "../world.mjs";

export const faultStories = {
  "a server that is lost is started again": async (world) => {
    const { editor } = world;
    const servers = () => world.called().filter(({ args }) => args.includes("lsp"));
    const before = servers().length;
    process.kill(servers().at(-1).pid, "SIGKILL");
    await until("another one is started", () => servers().length > before);
    await editor.openFile("spin.toml");
    const manifest = world.read("spin.toml");
    editor.write("app/spin.toml", manifest.replace('component = "hello"', 'component = "helo"'));
    await editor.sees(".squiggly-error");
    editor.write("app/spin.toml", manifest);
    await editor.sees(".squiggly-error", "detached");
    await editor.closeEditors();
  },

  "a host goes away, and is there again": async (world) => {
    const { editor } = world;
    await editor.showSpindle();
    await editor.command("Spindle: Stop the Application");
    await editor.sees(`.statusbar-item:has-text("${world.address}")`, "detached");
    await editor.command("Spindle: Start the Application");
    await editor.sees(`.statusbar-item:has-text("${world.address}")`);
    await world.ask("/again");
    // The list stays where the chosen row is: what is new is above.
    await until("the request is seen", async () => {
      await editor.page.hover(".pane-body .monaco-list");
      await editor.page.mouse.wheel(0, -10_000);
      return await editor.row("GET /again").isVisible();
    });
  },

  "a program that is missing is offered to be installed": async ({ editor }) => {
    editor.setMachine({ "spindle.path": "/nowhere/spindle" });
    await editor.sees('.notification-list-item:has-text("Spindle was not found")');
    await editor.sees('.notification-list-item .monaco-button:has-text("Install")');
    await editor.picture("missing");
  },
};
