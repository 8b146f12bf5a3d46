// A VS Code with the packaged extension, open on a folder in a browser.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programs } from "./programs.mjs";

const PATIENCE = Number(process.env.PATIENCE ?? 60_000);
const USER = {
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "remote.autoForwardPorts": false,
  "git.enabled": false,
};

export class Editor {
  /** Open a copy of a folder; `pictures` is where screenshots go. */
  static async open({ vsix, spindle, app, pictures, settings = {} }) {
    const editor = new Editor();
    editor.pictures = pictures;
    mkdirSync(pictures, { recursive: true });
    editor.home = mkdtempSync(join(tmpdir(), "spindle-vscode-"));
    editor.folder = join(editor.home, "app");
    cpSync(app, editor.folder, { recursive: true });
    editor.write("data/User/settings.json", JSON.stringify({ ...USER, ...settings }));
    editor.write("data/Machine/settings.json", JSON.stringify({ "spindle.path": spindle }));
    const { codeServer, chromium, playwright, bin } = programs();
    const runtime = join(editor.home, "run");
    mkdirSync(runtime, { mode: 0o700 });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, XDG_RUNTIME_DIR: runtime };
    const places = ["--user-data-dir", join(editor.home, "data")];
    places.push("--extensions-dir", join(editor.home, "extensions"));
    execFileSync(codeServer, [...places, "--install-extension", vsix], { env });
    const port = await freePort();
    const quiet = ["--auth", "none", "--disable-telemetry", "--disable-update-check"];
    const bound = ["--bind-addr", `127.0.0.1:${port}`];
    editor.server = spawn(codeServer, [...quiet, ...bound, ...places, editor.folder], {
      env,
      stdio: "ignore",
      detached: true,
    });
    const { chromium: driver } = await import(playwright);
    editor.browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox"] });
    editor.page = await editor.browser.newPage({ viewport: { width: 1280, height: 800 } });
    editor.page.setDefaultTimeout(PATIENCE);
    await reach(editor.page, `http://127.0.0.1:${port}/?folder=${editor.folder}`);
    await editor.page.waitForSelector(".monaco-workbench .activitybar");
    return editor;
  }

  /** Write a file of this home: `app/…` is the folder that is open. */
  write(path, text) {
    const place = join(this.home, path);
    mkdirSync(join(place, ".."), { recursive: true });
    writeFileSync(place, text);
  }

  async openFile(name) {
    await this.page.keyboard.press("Control+P");
    await this.page.waitForSelector(".quick-input-widget:visible");
    await this.page.keyboard.type(name);
    await this.page.waitForSelector(`.quick-input-list [aria-label*="${name}"]`);
    await this.page.keyboard.press("Enter");
    await this.page.waitForSelector(`.tab.active[aria-label*="${name}"]`);
  }

  async command(title) {
    await this.page.keyboard.press("F1");
    await this.page.waitForSelector(".quick-input-widget:visible");
    await this.page.keyboard.type(title);
    await this.page.waitForSelector(`.quick-input-list .monaco-list-row[aria-label*="${title}"]`);
    await this.page.keyboard.press("Enter");
  }

  async showSpindle() {
    await this.page.click('.activitybar [aria-label="Spindle"]');
    await this.page.waitForSelector('.pane-header[aria-label*="Exchanges"]');
  }

  async picture(name) {
    await this.page.screenshot({ path: join(this.pictures, `${name}.png`) });
  }

  async close() {
    await this.browser?.close();
    if (this.server?.pid !== undefined) {
      process.kill(-this.server.pid, "SIGTERM");
      await new Promise((resolve) => this.server.once("exit", resolve));
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function reach(page, url) {
  const until = Date.now() + PATIENCE;
  for (;;) {
    try {
      await page.goto(url);
      return;
    } catch (error) {
      if (Date.now() > until) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
