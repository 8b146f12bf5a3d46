// What a person does in the editor, done in a real one; pictures are left in `dist/pictures`.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Editor, freePort } from "./editor.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const extension = resolve(here, "../..");
const repository = resolve(extension, "..");
const spindle = join(repository, ".venv/bin/spindle");
const pictures = join(extension, "dist/pictures");

const BROKEN = `spin_manifest_version = 2

[application]
name = "hello"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "helo"

[component.hello]
source = "hello.wasm"
`;

let editor;
let port;

before(async () => {
  const vsix = join(extension, "dist/spindle.vsix");
  if (!existsSync(vsix)) {
    execFileSync("npm", ["run", "package"], { cwd: extension });
  }
  port = await freePort();
  editor = await Editor.open({
    vsix,
    spindle,
    app: join(here, "app"),
    pictures,
    settings: { "spindle.up.arguments": ["--listen", `127.0.0.1:${port}`] },
  });
});

after(() => editor?.close());

test("a mistake is underlined, and its fix removes it", async () => {
  editor.write("app/spin.toml", BROKEN);
  await editor.openFile("spin.toml");
  await editor.page.waitForSelector(".squiggly-error");
  await editor.picture("mistake");
  await editor.page.click('.view-line:has-text("helo")');
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
