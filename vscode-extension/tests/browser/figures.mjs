// How fast the editor is with the extension: `npm run figures`, beside the goals.
//
// The delays of the page and of the extension host are the longest ones while 200 requests a second
// are answered and shown; without them, how long they are anyway.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { World, extension } from "./world.mjs";

const EDITS = 15;
const SECONDS = 10;
const RATE = 200;
const WAIT_MS = 20_000;

const world = await World.make({ more: probe() });
try {
  for (const [what, goal, said] of await figures(world)) {
    console.log(`${what}: ${said} (goal: ${goal})`);
  }
} finally {
  await world.end();
}

async function figures(world) {
  const { editor } = world;
  const bundle = statSync(join(extension, "dist/extension.js")).size;
  await editor.trust();
  await editor.page.reload();
  await editor.sees(".monaco-workbench .activitybar");
  await editor.openFile("spin.toml");
  await editor.sees(".codelens-decoration"); // its server answers
  const activated = await activation(editor);
  const delays = await underlined(world);
  await editor.command("Spindle: Start the Application");
  await editor.sees(`.statusbar-item:has-text("${world.address}")`);
  await editor.showSpindle();
  await world.ask("/first");
  await editor.row("GET /first").waitFor();
  const idle = await watched(world, 0);
  const busy = await watched(world, RATE);
  return [
    ["bundle", "500 kB", `${(bundle / 1000).toFixed(0)} kB`],
    ["activation", "300 ms", activated],
    [
      "from a keystroke to its squiggle",
      "200 ms",
      `p50 ${nth(delays, 0.5)} ms, p90 ${nth(delays, 0.9)} ms, max ${nth(delays, 1)} ms`,
    ],
    [`live view, ${RATE} requests a second`, "no freeze", `${busy} (without requests: ${idle})`],
  ];
}

/** What the editor says of the extension's start. */
async function activation(editor) {
  await editor.command("Developer: Show Running Extensions");
  const times = editor.page.locator('.extension:has(.name:text-is("Spindle")) .activation-time');
  const said = await times.first().textContent();
  await editor.closeEditors();
  return said;
}

/** Milliseconds from keys that make a mistake to its squiggle. */
async function underlined({ editor }) {
  await editor.openFile("spin.toml");
  await editor.page.locator('.view-line:has-text("component =")').first().click();
  await editor.press("End", "ArrowLeft");
  const delays = [];
  for (let at = 0; at < EDITS; at += 1) {
    await editor.page.evaluate(watchForSquiggle, WAIT_MS);
    await editor.press("x");
    delays.push(await editor.page.evaluate(() => window.squiggled));
    await editor.press("Backspace");
    await editor.sees(".squiggly-error", "detached");
  }
  await editor.press("Control+S");
  await editor.closeEditors();
  return delays;
}

/** In the page: have `squiggled` be how long it takes from the next key to a squiggle. */
function watchForSquiggle(patience) {
  window.squiggled = new Promise((resolve, reject) => {
    let began;
    window.addEventListener("keydown", () => (began = performance.now()), {
      capture: true,
      once: true,
    });
    const observer = new MutationObserver(() => {
      if (began !== undefined && document.querySelector(".squiggly-error") !== null) {
        observer.disconnect();
        resolve(performance.now() - began);
      }
    });
    observer.observe(document.body, { childList: true, subtree: true, attributes: true });
    setTimeout(reject, patience, new Error("nothing is underlined"));
  });
}

/** The longest delays of the page and of the extension host while so many requests a second come. */
async function watched(world, rate) {
  const { page } = world.editor;
  writeFileSync(probePath(world, "reset"), "");
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const frame = (now) => {
      window.frames_.push(now - last);
      last = now;
      window.frame_ = requestAnimationFrame(frame);
    };
    window.frame_ = requestAnimationFrame(frame);
  });
  const sent = await load(world, rate);
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(window.frame_);
    return window.frames_;
  });
  const lag = readFileSync(probePath(world, "lag"), "utf8");
  const shown =
    rate === 0 ? "" : `${(sent / SECONDS).toFixed(0)} a second were sent, the last was shown; `;
  return (
    `${shown}frames p50 ${nth(frames, 0.5)} ms, p99 ${nth(frames, 0.99)} ms, ` +
    `longest ${nth(frames, 1)} ms; extension host late by at most ${lag} ms`
  );
}

/** Send so many requests a second; how many there were, once the last of them is seen. */
async function load(world, rate) {
  const began = performance.now();
  const end = began + SECONDS * 1000;
  const under_way = [];
  let sent = 0;
  while (performance.now() < end) {
    const due = ((performance.now() - began) / 1000) * rate;
    for (; sent < due; sent += 1) {
      under_way.push(world.ask(`/n${sent}`));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(under_way);
  if (rate > 0) {
    await world.ask("/last");
    await world.editor.row("GET /last").waitFor();
  }
  return sent;
}

function nth(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
}

function probePath({ editor }, name) {
  return join(editor.home, `probe-${name}`);
}

/** An extension that notes by how much timers of the extension host are late. */
function probe() {
  const folder = join(extension, "dist/probe");
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: "probe",
    publisher: "spindle",
    version: "0.0.1",
    license: "Apache-2.0",
    engines: { vscode: "^1.100.0" },
    main: "probe.js",
    files: ["probe.js"],
    activationEvents: ["onStartupFinished"],
    extensionKind: ["workspace"],
    capabilities: { untrustedWorkspaces: { supported: true } },
  };
  const code = `
const { existsSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { workspace } = require("vscode");
exports.activate = () => {
  const home = join(workspace.workspaceFolders[0].uri.fsPath, "..");
  let [worst, last] = [0, performance.now()];
  setInterval(() => {
    const now = performance.now();
    if (existsSync(join(home, "probe-reset"))) {
      rmSync(join(home, "probe-reset"));
      worst = 0;
    } else if (now - last - 20 > worst) {
      worst = now - last - 20;
    }
    writeFileSync(join(home, "probe-lag"), worst.toFixed(0));
    last = performance.now();
  }, 20);
};
`;
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "probe.js"), code);
  writeFileSync(join(folder, "README.md"), "Notes how late timers are.\n");
  const vsix = join(extension, "dist/probe.vsix");
  const vsce = join(extension, "node_modules/.bin/vsce");
  const flags = ["--no-dependencies", "--allow-missing-repository", "--skip-license"];
  execFileSync(vsce, ["package", ...flags, "--out", vsix], { cwd: folder, stdio: "ignore" });
  return [vsix];
}
