// new, build, up, watch, stop, check, doctor, and the terminal interface.
import { Disposable, Uri, commands, tasks, window } from "vscode";
import { Session, chooseManifest, telling } from "../session";
import { taskOf } from "../tasks";

const VERBS = { build: "build", watch: "watch", check: "check", doctor: "doctor", test: "test" };

export function registerRunning(session: Session): Disposable[] {
  const verbs = Object.entries(VERBS).map(([name, verb]) =>
    commands.registerCommand(`spindle.${name}`, (at?: Uri) => run(session, verb, at)),
  );
  return [
    ...verbs,
    commands.registerCommand("spindle.up", (at?: Uri) => up(session, at)),
    commands.registerCommand("spindle.stop", () => stop(session)),
    commands.registerCommand("spindle.new", () => create(session)),
    commands.registerCommand("spindle.tui", () => openTui(session)),
  ];
}

export async function up(session: Session, at?: Uri): Promise<void> {
  await run(session, "up", at);
}

async function run(session: Session, verb: string, at?: Uri): Promise<void> {
  const app = await chooseManifest(at instanceof Uri ? at : undefined);
  const program = app === undefined ? undefined : await session.program();
  if (app !== undefined && program !== undefined) {
    await tasks.executeTask(taskOf(program, { type: "spindle", verb, app }));
  }
}

async function stop(session: Session): Promise<void> {
  await telling("Stop", async () => {
    await session.hosts.current?.connection.call("host/stop");
  });
}

async function create(session: Session): Promise<void> {
  const program = await session.program();
  const [folder] =
    (await window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      openLabel: "Make an application here",
    })) ?? [];
  if (program !== undefined && folder !== undefined) {
    const terminal = window.createTerminal({
      name: "spindle new",
      cwd: folder,
      shellPath: program.command,
      shellArgs: [...program.args, "new"],
    });
    terminal.show();
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
