// new, build, up, watch, stop, check, doctor, and the terminal interface.
import { Disposable, Uri, commands, env, tasks, window } from "vscode";
import type { RunningHost } from "../hosts";
import { Session, chooseManifest, runningHost, telling } from "../session";
import { addressOf } from "../status";
import { taskOf } from "../tasks";
import { oneLine } from "../wording";
import { create } from "./creating";

const VERBS = ["build", "up", "watch", "check", "doctor", "test"];
const OPEN = "Open";
const START_MS = 10 * 60_000;

export function registerRunning(session: Session): Disposable[] {
  const on = (name: string, doing: string, work: (at?: Uri) => Promise<void>): Disposable =>
    commands.registerCommand(`spindle.${name}`, (at?: unknown) =>
      telling(doing, () => work(at instanceof Uri ? at : undefined)),
    );
  return [
    ...VERBS.map((verb) => on(verb, "Run", (at) => run(session, verb, at))),
    on("stop", "Stop", (at) => stop(session, at)),
    on("open", "Open", (at) => openApp(session, at)),
    on("choose", "Choose", () => choose(session)),
    on("new", "New application", () => create(session)),
    on("tui", "Terminal interface", () => openTui(session)),
  ];
}

async function run(session: Session, verb: string, at?: Uri): Promise<void> {
  const app = await chooseManifest(at);
  const program = app === undefined ? undefined : await session.program();
  if (app === undefined || program === undefined) {
    return;
  }
  await tasks.executeTask(taskOf(program, { type: "spindle", verb, app }));
  if (verb === "up" || verb === "watch") {
    void offer(session, app);
  }
}

/** Offer the address of what was started, wherever the person's browser is. */
async function offer(session: Session, app: string): Promise<void> {
  const host = await session.hosts.wait(START_MS, app);
  if (host === undefined || host.file.base_url === "") {
    return;
  }
  const said = `The application is served at ${addressOf(host.file.base_url)}.`;
  if ((await window.showInformationMessage(said, OPEN)) === OPEN) {
    await openPath(host, "/");
  }
}

async function openApp(session: Session, at?: Uri): Promise<void> {
  const host = await runningHost(session, at);
  if (host?.file.base_url === "") {
    throw new Error("the application has no HTTP triggers");
  }
  if (host !== undefined) {
    await openPath(host, "/");
  }
}

/** Show a path of an application in a browser; the editor forwards the port where it must. */
export async function openPath({ file }: RunningHost, path: string): Promise<void> {
  await env.openExternal(Uri.parse(`${file.base_url.replace(/\/$/, "")}${path}`));
}

async function stop({ hosts }: Session, at?: Uri): Promise<void> {
  await hosts.find(at?.fsPath)?.connection.call("host/stop");
}

/** Have the views show another one of the applications that run. */
async function choose({ hosts }: Session): Promise<void> {
  const rows = hosts.all.map((host) => ({
    label: addressOf(host.file.base_url),
    description: oneLine(host.file.manifest),
    host,
  }));
  const chosen = await window.showQuickPick(rows, {
    placeHolder: "Which application is shown?",
    matchOnDescription: true,
  });
  if (chosen !== undefined) {
    hosts.choose(chosen.host);
  }
}

async function openTui(session: Session): Promise<void> {
  const program = await session.program();
  const manifest = session.hosts.current?.file.manifest ?? (await chooseManifest());
  if (program !== undefined && manifest !== undefined) {
    const terminal = window.createTerminal({
      name: "Spindle",
      shellPath: program.command,
      shellArgs: [...program.args, "tui", manifest],
    });
    terminal.show();
  }
}
