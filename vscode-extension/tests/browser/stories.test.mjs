// What a person does in the editor, done in a real one; pictures are left in `dist/pictures`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Editor, freePort } from "./editor.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const extension = resolve(here, "../..");
const repository = resolve(extension, "..");
const spindle = join(repository, ".venv/bin/spindle");
const pictures = join(extension, "dist/pictures");

const PATIENCE = 120_000;

let editor;
let port;
let place;

before(async () => {
  execFileSync("npm", ["run", "package"], { cwd: extension });
  place = mkdtempSync(join(tmpdir(), "spindle-story-"));
  execFileSync(spindle, ["new", "-t", "http-py", "hello", "--accept-defaults"], { cwd: place });
  execFileSync(spindle, ["build", "-f", join(place, "hello")]);
  port = await freePort();
  editor = await Editor.open({
    vsix: join(extension, "dist/spindle.vsix"),
    spindle,
    app: join(place, "hello"),
    pictures,
    settings: { "spindle.up.arguments": ["--listen", `127.0.0.1:${port}`] },
  });
});

after(async () => {
  await editor?.close();
  rmSync(place, { recursive: true, force: true });
});

test("a mistake is underlined, and its fix removes it", async () => {
  const manifest = readFileSync(join(editor.folder, "spin.toml"), "utf8");
  editor.write("app/spin.toml", manifest.replace('component = "hello"', 'component = "helo"'));
  await editor.openFile("spin.toml");
  await editor.page.waitForSelector(".squiggly-error");
  await editor.picture("mistake");
  await editor.page
    .locator(".view-line", { hasText: 'component = "helo"' })
    .locator("text=helo")
    .click();
  await editor.page.keyboard.press("Control+.");
  await editor.page.waitForSelector(".action-widget");
  await editor.picture("fixes");
  await editor.page.keyboard.press("Enter");
  await editor.page.waitForSelector(".squiggly-error", { state: "detached" });
  await editor.page.keyboard.press("Control+S");
});

test("the application is started, and its requests are seen as they come", async () => {
  await editor.command("Spindle: Start the Application");
  await editor.page.waitForSelector(`.statusbar-item:has-text("127.0.0.1:${port}")`);
  await editor.showSpindle();
  for (let number = 0; number < 3; number += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/hello/${number}`);
    await response.text();
  }
  await editor.page.waitForSelector('.pane-body .monaco-list-row:has-text("GET /hello/2")');
  await editor.picture("exchanges");
});

test("an exchange is opened, and replayed", async () => {
  const row = editor.page.locator('.monaco-list-row:has-text("GET /hello/2")').first();
  await row.click();
  await editor.page.waitForSelector('.tab.active:has-text("exchange.md")');
  await editor.picture("exchange");
  await row.hover();
  await row.locator('[aria-label="Replay"]').click();
  await editor.page.waitForSelector(".monaco-diff-editor");
  await editor.picture("replayed");
});

test("a broken handler is underlined where it failed", async () => {
  const source = readFileSync(join(editor.folder, "app.py"), "utf8");
  const broken = source.replace(
    "        path =",
    '        raise ValueError("on purpose")\n        path =',
  );
  editor.write("app/app.py", broken);
  const line = broken.split("\n").findIndex((text) => text.includes("on purpose")) + 1;
  await until(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/broken`);
    await response.text();
    return response.status === 500;
  });
  await editor.openFile("app.py");
  await editor.page.waitForSelector(".squiggly-error");
  await editor.command("Problems: Focus on Problems View");
  await editor.page.waitForSelector(`.markers-panel :text("Ln ${line}")`);
  await editor.picture("trap");
});

/** Ask again until it is so. */
async function until(isSo) {
  const end = Date.now() + PATIENCE;
  while (!(await isSo())) {
    assert.ok(Date.now() < end, "it never happened");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
