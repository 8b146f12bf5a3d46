// What all commands share.
import { LogOutputChannel, Uri, window } from "vscode";
import { manifests } from "./apps";
import type { ExchangeDocuments } from "./documents";
import type { Exchanges } from "./exchanges";
import type { Hosts, RunningHost } from "./hosts";
import type { Program } from "./program";
import type { Server } from "./server";
import { forMessage } from "./wording";

export interface Session {
  readonly log: LogOutputChannel;
  readonly hosts: Hosts;
  readonly exchanges: Exchanges;
  readonly documents: ExchangeDocuments;
  readonly server: Server;
  /** The program, or nothing after the person was told what to do. */
  readonly program: () => Promise<Program | undefined>;
}

const START = "Start";

/** The host that runs; where none does, the person is offered to start one. */
export async function runningHost(session: Session): Promise<RunningHost | undefined> {
  if (session.hosts.current !== undefined) {
    return session.hosts.current;
  }
  const chosen = await window.showInformationMessage("The application is not running.", START);
  if (chosen === START) {
    const { up } = await import("./commands/running");
    await up(session);
    return await session.hosts.wait(60_000);
  }
  return undefined;
}

/** The manifest a command is about: the one at hand, the only one, or the one chosen. */
export async function chooseManifest(at?: Uri): Promise<string | undefined> {
  const open = at ?? window.activeTextEditor?.document.uri;
  if (open?.scheme === "file" && open.path.endsWith("/spin.toml")) {
    return open.fsPath;
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
