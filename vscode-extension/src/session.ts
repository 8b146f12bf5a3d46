// What all commands share.
import { LogOutputChannel, Uri, commands, window } from "vscode";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifests } from "./apps";
import type { ExchangeDocuments } from "./documents";
import type { Exchanges } from "./exchanges";
import type { Hosts, RunningHost } from "./hosts";
import type { Program } from "./program";
import { forMessage } from "./wording";

export interface Session {
  readonly log: LogOutputChannel;
  readonly hosts: Hosts;
  readonly exchanges: Exchanges;
  readonly documents: ExchangeDocuments;
  /** The program, or nothing after the person was told what to do. */
  readonly program: () => Promise<Program | undefined>;
}

const START = "Start";
const WAIT_MS = 10 * 60_000;

/**
 * The host of the application that a file belongs to, or the one that is shown; where none runs,
 * the person is offered to start it.
 */
export async function runningHost(session: Session, near?: Uri): Promise<RunningHost | undefined> {
  const path = near?.scheme === "file" ? near.fsPath : undefined;
  const running = session.hosts.find(path) ?? (isInApp(path) ? undefined : session.hosts.current);
  if (running !== undefined) {
    return running;
  }
  const chosen = await window.showInformationMessage("The application is not running.", START);
  if (chosen === START) {
    await commands.executeCommand("spindle.up", near);
    return await session.hosts.wait(WAIT_MS, path);
  }
  return undefined;
}

function isInApp(path: string | undefined): boolean {
  return path !== undefined && appOf(path) !== undefined;
}

/** The directory of the manifest above a file. */
export function appOf(file: string): string | undefined {
  for (let at = dirname(file); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, "spin.toml"))) {
      return at;
    }
  }
  return undefined;
}

/** The manifest a command is about: that of the file at hand, the only one, or the one chosen. */
export async function chooseManifest(at?: Uri): Promise<string | undefined> {
  const open = at ?? window.activeTextEditor?.document.uri;
  const app = open?.scheme === "file" ? appOf(open.fsPath) : undefined;
  if (app !== undefined) {
    return join(app, "spin.toml");
  }
  const paths = await manifests();
  if (paths.length > 1) {
    return await window.showQuickPick(paths, { placeHolder: "Which application?" });
  }
  if (paths.length === 0) {
    void window.showInformationMessage("There is no `spin.toml` in this workspace.");
  }
  return paths[0];
}

/** Do something, and say what went wrong. */
export async function telling(doing: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(`${doing}: ${forMessage(why)}`);
  }
}
