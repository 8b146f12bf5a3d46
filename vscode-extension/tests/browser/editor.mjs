// A VS Code with the packaged extension, open on a folder in a browser.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programs } from "./programs.mjs";

const PATIENCE = Number(process.env.PATIENCE ?? 120_000);
export const INPUT = ".quick-input-widget:visible .quick-input-box input";
const USER = {
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "remote.autoForwardPorts": false,
  "git.enabled": false,
  "terminal.integrated.gpuAcceleration": "off",
};

export class Editor {
  /**
   * Open a copy of a folder, which is not trusted yet; `pictures` is where screenshots go, `user`
   * and `machine` are settings.
   */
  static async open({ packages, app, pictures, user = {}, machine = {} }) {
    const editor = new Editor();
    editor.pictures = pictures;
    mkdirSync(pictures, { recursive: true });
    editor.home = mkdtempSync(join(tmpdir(), "spindle-vscode-"));
    editor.folder = join(editor.home, "app");
    cpSync(app, editor.folder, { recursive: true });
    editor.write("data/User/settings.json", JSON.stringify({ ...USER, ...user }));
    editor.setMachine(machine);
    const port = await editor.serve(packages);
    await editor.browse(`http://127.0.0.1:${port}/?folder=${editor.folder}`);
    return editor;
  }

  async serve(packages) {
    const { codeServer, bin } = programs();
    const runtime = join(this.home, "run");
    mkdirSync(runtime, { mode: 0o700 });
    this.env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, XDG_RUNTIME_DIR: runtime };
    const places = ["--user-data-dir", join(this.home, "data")];
    places.push("--extensions-dir", join(this.home, "extensions"));
    const installed = packages.flatMap((path) => ["--install-extension", path]);
    execFileSync(codeServer, [...places, ...installed], { env: this.env });
    const port = await freePort();
    const quiet = ["--auth", "none", "--disable-telemetry", "--disable-update-check"];
    const bound = ["--bind-addr", `127.0.0.1:${port}`];
    this.server = spawn(codeServer, [...quiet, ...bound, ...places, this.folder], {
      env: this.env,
      stdio: "ignore",
      detached: true,
    });
    return port;
  }

  async browse(url) {
    const { chromium, playwright } = programs();
    const { chromium: driver } = await import(playwright);
    this.browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox"] });
    this.page = await this.browser.newPage({ viewport: { width: 1280, height: 800 } });
    this.page.setDefaultTimeout(PATIENCE);
    await reach(this.page, url);
    await this.sees(".monaco-workbench .activitybar");
  }

  /** Settings of the machine, which follow the file while the editor is open. */
  setMachine(settings) {
    this.write("data/Machine/settings.json", JSON.stringify(settings));
  }

  /** Write a file of this home: `app/…` is the folder that is open. */
  write(path, text) {
    const place = join(this.home, path);
    mkdirSync(join(place, ".."), { recursive: true });
    writeFileSync(place, text);
  }

  copy(from, to) {
    copyFileSync(join(this.home, from), join(this.home, to));
  }

  remove(path) {
    rmSync(join(this.home, path), { recursive: true, force: true });
  }

  async sees(selector, state = "visible") {
    await this.page.waitForSelector(selector, { state });
  }

  /** Whether it is there soon. */
  async appears(selector) {
    const seen = this.page.waitForSelector(selector, { timeout: 5000 });
    return await seen.then(
      () => true,
      () => false,
    );
  }

  async press(...keys) {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  /** A row of a list or tree. */
  row(text) {
    return this.page.locator(`.pane-body .monaco-list-row:has-text("${text}")`).first();
  }

  /** Click what a row offers until what it opens is there: lists are drawn anew at times. */
  async act(text, action, opened) {
    const until = Date.now() + PATIENCE;
    do {
      if (Date.now() > until) {
        throw new Error(`${text} never opened ${opened}`);
      }
      const button = this.row(text).locator(`[aria-label="${action}"]`);
      await this.row(text).hover();
      await button.click({ timeout: 5000 }).catch(() => undefined);
    } while (!(await this.appears(opened)));
  }

  async seesTab(name) {
    await this.sees(`.tab.active[aria-label*="${name}"]`);
  }

  /** A file that is new may not be known yet. */
  async openFile(name) {
    await this.take("Control+P", name, name);
    await this.seesTab(name);
  }

  async command(title) {
    await this.take("F1", `>${title}`, title);
  }

  /** Open a list by a key, look for a row in it, and take it; again if it is not there yet. */
  async take(key, typed, name) {
    const until = Date.now() + PATIENCE;
    for (;;) {
      await this.press(key); // which is lost while the editor is busy with its start
      if (await this.appears(INPUT)) {
        await this.page.locator(INPUT).fill(typed);
        if (await this.appears(rowNamed(name))) {
          break;
        }
      }
      if (Date.now() > until) {
        throw new Error(`there is no ${name}`);
      }
      await this.press("Escape");
    }
    await this.page.locator(rowNamed(name)).first().click(); // another row may be the chosen one
    await this.left(typed);
  }

  /** Wait until the list or box with this text is gone: what comes next may be typed into it. */
  async left(typed) {
    await this.page.waitForFunction(
      ([selector, text]) =>
        [...document.querySelectorAll(selector)].every(
          (input) => !input.checkVisibility() || input.value !== text,
        ),
      [".quick-input-widget .quick-input-box input", typed],
    );
  }

  /** Type into the list that is offered, and take the row that is named so. */
  async choose(text) {
    await this.page.locator(INPUT).fill(text);
    await this.page.locator(rowNamed(text)).first().click();
    await this.left(text);
  }

  /** Add to what an input box has, and go on. */
  async answer(text) {
    await this.answerAnew((await this.page.locator(INPUT).inputValue()) + text);
  }

  /** Have an input box say only this, and go on. */
  async answerAnew(text) {
    await this.page.locator(INPUT).fill(text);
    await this.page.locator(INPUT).press("Enter");
    await this.left(text);
  }

  async clickLens(text) {
    await this.page.locator(`.codelens-decoration a:has-text("${text}")`).first().click();
  }

  async trust() {
    await this.command("Workspaces: Manage Workspace Trust");
    await this.page
      .locator('.workspace-trust-editor .monaco-button:has-text("Trust")')
      .first()
      .click();
    await this.sees('.statusbar-item:has-text("Restricted Mode")', "detached");
    await this.closeEditors();
  }

  /** Agree to what a dialog asks. */
  async confirm(text) {
    await this.page
      .locator(`.monaco-dialog-box .monaco-button:has-text(${JSON.stringify(text)})`)
      .click();
  }

  /** Take what a notification offers. */
  async notified(text, action) {
    const notice = this.page.locator(`.notification-toast:has-text("${text}")`).first();
    await notice.locator(`.monaco-button:has-text("${action}")`).first().click();
  }

  async clearNotifications() {
    await this.command("Notifications: Clear All Notifications");
    await this.sees(".notification-toast", "detached");
  }

  /** Wait for text in the terminal that is shown. */
  async seesInTerminal(text) {
    await this.page.locator(".xterm-rows:visible", { hasText: text }).first().waitFor();
  }

  async showSpindle() {
    await this.command("Spindle: Focus on Exchanges View");
    await this.sees('.pane-header[aria-label*="Exchanges"]');
  }

  async closeEditors() {
    const none = ".editor-group-container.empty";
    const asked = ".monaco-dialog-box";
    await this.command("View: Close All Editors");
    await this.sees(`${none}, ${asked}`);
    if (await this.page.locator(asked).isVisible()) {
      await this.confirm("Don't Save");
    }
    await this.sees(none);
  }

  async picture(name) {
    await this.page.screenshot({ path: join(this.pictures, `${name}.png`) });
  }

  /** Keep what the editor logged, beside the pictures. */
  keepLogs() {
    const logs = join(this.pictures, "logs");
    rmSync(logs, { recursive: true, force: true });
    cpSync(join(this.home, "data/logs"), logs, { recursive: true });
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

function rowNamed(text) {
  return `.quick-input-list .monaco-list-row[aria-label*="${text}"]`;
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
