import { until } from "../world.mjs";

export const liveStories = {
  "the application is started, and its requests are seen as they come": async (world) => {
    const { editor } = world;
    await editor.command("Spindle: Start the Application");
    await editor.sees(`.statusbar-item:has-text("${world.address}")`);
    await editor.sees(`.notification-toast:has-text("is served at ${world.address}")`);
    await editor.clearNotifications();
    await editor.showSpindle();
    for (const name of ["Ada", "Grace", "Edsger"]) {
      await world.ask(`/${name}`);
    }
    await editor.row("GET /Edsger").waitFor();
    await editor.picture("exchanges");
  },

  "an exchange is opened, and replayed": async ({ editor }) => {
    const row = editor.row("GET /Grace");
    await row.click();
    await editor.seesTab("exchange.md");
    await editor.picture("exchange");
    await row.hover();
    await row.locator('[aria-label="Replay"]').click();
    await editor.sees(".monaco-diff-editor");
    await editor.picture("replayed");
    await editor.closeEditors();
  },

  "exchanges are filtered, compared, edited and exported": async ({ editor }) => {
    await editor.command("Spindle: Filter Exchanges");
    await editor.answer("path:/Grace");
    await editor.row("GET /Edsger").waitFor({ state: "detached" });
    await editor.command("Spindle: Show All Exchanges");
    await editor.row("GET /Edsger").waitFor();
    await editor.command("Spindle: Compare With");
    await editor.choose("GET /Ada");
    await editor.choose("GET /Edsger");
    await editor.sees(".monaco-diff-editor .line-insert");
    await editor.picture("compared");
    await editor.closeEditors();
    await editor.command("Spindle: Edit and Replay");
    await editor.choose("GET /Ada");
    await editor.clickLens("Send: GET /Ada");
    await editor.seesTab("response.http");
    await editor.closeEditors();
    await editor.command("Spindle: Export");
    await editor.choose("GET /Edsger");
    await editor.choose("curl");
    await editor.sees('.view-line:has-text("curl")');
    await editor.closeEditors();
    await editor.command("Spindle: Show Waterfall");
    await editor.choose("GET /Edsger");
    await editor.page
      .frameLocator("iframe.webview.ready")
      .frameLocator("#active-frame")
      .getByRole("heading", { name: "Phases" })
      .waitFor();
    await editor.picture("waterfall");
    await editor.closeEditors();
  },

  "the parts of an exchange are documents of their own": async ({ editor }) => {
    for (const [command, tab, text] of [
      ["Spindle: Show Request", "request.http", "GET /Ada"],
      ["Spindle: Show Response", "response.http", "Hello, Ada!"],
      ["Spindle: Show Logs", "logs.log", ""],
      ["Spindle: Show Host Calls", "calls.log", ""],
    ]) {
      await editor.command(command);
      await editor.choose("GET /Ada");
      await editor.seesTab(tab);
      await editor.sees(`.view-line:has-text("${text}")`);
      await editor.closeEditors();
    }
  },

  "figures are drawn, and follow what is asked": async (world) => {
    const { editor } = world;
    await editor.command("Spindle: Show Figures");
    const figures = editor.page
      .frameLocator("iframe.webview.ready")
      .frameLocator("#active-frame")
      .locator("tr", { hasText: "/..." })
      .locator("td.number")
      .first();
    const asked = Number(await figures.textContent());
    await world.ask("/figures");
    await until("it is counted", async () => Number(await figures.textContent()) === asked + 1);
    await editor.picture("figures");
    await editor.closeEditors();
  },

  "a broken handler is underlined where it failed": async (world) => {
    const { editor } = world;
    const source = world.read("app.py");
    const broken = source.replace(
      "        path =",
      '        raise ValueError("on purpose")\n        path =',
    );
    editor.write("app/app.py", broken);
    const line = broken.split("\n").findIndex((text) => text.includes("on purpose")) + 1;
    await until("it fails", async () => (await world.ask("/broken")) === 500);
    await editor.openFile("app.py");
    await editor.sees(".squiggly-error");
    await editor.command("Problems: Focus on Problems View");
    await editor.sees(`.markers-panel :text("Ln ${line}")`);
    await editor.picture("trap");
    await editor.page.locator('.markers-panel a:has-text("failure")').click();
    await editor.seesTab("exchange.md");
    editor.write("app/app.py", source);
    await until("it works again", async () => (await world.ask("/mended")) === 200);
    await editor.sees(".squiggly-error", "detached");
    await editor.closeEditors();
  },

  "a failure is replayed on the build before it": async (world) => {
    const { editor } = world;
    const { build } = world.exchange("path:/Ada");
    await editor.command("Spindle: Replay Against Another Build");
    await editor.choose("GET /broken");
    await editor.choose(build);
    await editor.seesTab(`Response: build ${build}`);
    await editor.sees('.monaco-diff-editor .view-line:has-text("Hello, broken!")');
    await editor.picture("replayed-build");
    await editor.closeEditors();
  },
};
