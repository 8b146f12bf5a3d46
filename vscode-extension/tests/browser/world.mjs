// What stories happen in: an application made of a template, built, and open in the editor.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Editor, freePort } from "./editor.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const extension = resolve(here, "../..");
const PATIENCE = Number(process.env.PATIENCE ?? 120_000);

export const pictures = join(extension, "dist/pictures");
const programs = resolve(extension, "../.venv/bin");
export const spindle = join(programs, "spindle");

export class World {
  /**
   * Make it: `APP` may be the folder of an application that is built already; `more` are packages
   * of other extensions.
   */
  static async make({ more = [] } = {}) {
    const world = new World();
    world.home = mkdtempSync(join(tmpdir(), "spindle-story-"));
    const [app] = await Promise.all([
      made(world.home),
      run("npm", ["run", "package", "--silent"], { cwd: extension }),
    ]);
    world.port = await freePort();
    world.calls = join(world.home, "calls");
    world.editor = await Editor.open({
      packages: [join(extension, "dist/spindle.vsix"), ...more],
      app,
      pictures,
      machine: { "spindle.path": notedProgram(world.home, world.calls) },
      user: { "spindle.up.arguments": ["--listen", `127.0.0.1:${world.port}`] },
    });
    return world;
  }

  async end() {
    await this.editor?.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }

  /** Ask the application; its answer's status. */
  async ask(path) {
    const response = await fetch(`http://${this.address}${path}`);
    await response.text();
    return response.status;
  }

  /** Run a verb of the command line on the application. */
  spindle(...args) {
    return execFileSync(spindle, args, {
      cwd: this.editor.folder,
      env: this.editor.env,
      encoding: "utf8",
    });
  }

  /** The newest exchange that passes a filter. */
  exchange(where) {
    const flags = ["--format", "json", "--limit", "1"];
    return JSON.parse(this.spindle("exchanges", "--where", where, ...flags));
  }

  /** Serve another application of the folder, at a port of its own; the process. */
  serve(name, ...args) {
    const place = ["up", "-f", join(this.editor.folder, name), "--listen", "127.0.0.1:0"];
    return spawn(spindle, [...place, ...args], { env: this.editor.env, stdio: "ignore" });
  }

  read(name) {
    return readFileSync(join(this.editor.folder, name), "utf8");
  }

  /** How the editor called the program so far: `{pid, args}`. */
  called() {
    const lines = existsSync(this.calls) ? readFileSync(this.calls, "utf8").trim().split("\n") : [];
    return lines.map((line) => {
      const [pid, ...args] = line.split(" ");
      return { pid: Number(pid), args };
    });
  }
}

/** Ask again until it is so. */
export async function until(what, isSo) {
  const end = Date.now() + PATIENCE;
  while (!(await isSo())) {
    if (Date.now() > end) {
      throw new Error(`it never happened: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function made(home) {
  const app = join(home, "hello");
  if (process.env.APP) {
    cpSync(process.env.APP, app, { recursive: true });
    rmSync(join(app, ".spin"), { recursive: true, force: true });
  } else {
    await run(spindle, ["new", "-t", "http-py", "hello", "--accept-defaults"], { cwd: home });
    await run(spindle, ["build", "-f", app]);
  }
  const manifest = join(app, "spin.toml");
  const source = 'source = "app.wasm"\n';
  const text = readFileSync(manifest, "utf8");
  const granted = `key_value_stores = ["default"]\nsqlite_databases = ["default"]\n`;
  writeFileSync(manifest, text.replace(source, `${source}${granted}`));
  return app;
}

/** A `spindle` that notes how it is called, and its Python beside it. */
function notedProgram(home, calls) {
  const program = join(home, "spindle");
  const begin = `#!/bin/sh\necho "$$ $*" >> "${calls}"\n`;
  writeFileSync(program, `${begin}exec "${spindle}" "$@"\n`, { mode: 0o755 });
  const python = `#!/bin/sh\nexec "${join(programs, "python")}" "$@"\n`;
  writeFileSync(join(home, "python"), python, { mode: 0o755 });
  return program;
}

async function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  child.stderr.on("data", (data) => (said += data));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) {
    throw new Error(`${[command, ...args].join(" ")} ended with ${code}\n${said}`);
  }
}
