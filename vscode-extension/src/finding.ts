// Which `spindle` is used, and what becomes of the server when that changes.
import { Disposable, LogOutputChannel, commands, window, workspace } from "vscode";
import { activeInterpreter, onInterpreterChanged } from "./python";
import { Program, candidates, firstThatAnswers } from "./program";
import type { Server } from "./server";
import { SECTION, settingsOf } from "./settings";
import { forMessage } from "./wording";

const INSTALL = "Install";
const SET_PATH = "Choose…";
const PACKAGE = "spindle[lsp,tui,kernel]";

export class Finding implements Disposable {
  private readonly owned: Disposable[];
  private found: Promise<Program | undefined> | undefined;
  private started = false;

  private server: Server | undefined;

  constructor(private readonly log: LogOutputChannel) {
    this.owned = [commands.registerCommand("spindle.restart", () => this.restart())];
  }

  /** Find the program, start the server, and do so again when settings or environment change. */
  async start(): Promise<void> {
    if (this.started) {
      return;
    }
    this.started = true;
    this.owned.push(
      workspace.onDidChangeConfiguration((event) => {
        if (
          [`${SECTION}.path`, `${SECTION}.interpreter`].some((n) => event.affectsConfiguration(n))
        ) {
          void this.restart();
        }
      }),
    );
    await this.restart();
    const listening = await onInterpreterChanged(() => void this.restart());
    if (listening !== undefined) {
      this.owned.push(listening);
    }
  }

  /** The program, looked for once; the person is told when there is none. */
  async program(): Promise<Program | undefined> {
    this.found ??= this.look();
    return await this.found;
  }

  dispose(): void {
    this.server?.dispose();
    for (const owned of this.owned) {
      owned.dispose();
    }
  }

  private async restart(): Promise<void> {
    this.found = undefined;
    const program = await this.program();
    if (program === undefined) {
      await this.server?.stop();
      return;
    }
    try {
      // Here, for it is most of what there is to load.
      this.server ??= new (await import("./server")).Server(this.log);
      await this.server.start(program);
    } catch (error) {
      this.log.error(`the language server does not start: ${String(error)}`);
      void window.showErrorMessage("Spindle's language server does not start: see its output.");
    }
  }

  private async look(): Promise<Program | undefined> {
    const settings = settingsOf();
    const { program, failures } = await firstThatAnswers(
      candidates({
        path: settings.path,
        interpreter: settings.interpreter,
        activeInterpreter: await activeInterpreter(),
        pathVariable: process.env["PATH"] ?? "",
        windows: process.platform === "win32",
      }),
    );
    for (const failure of failures) {
      this.log.warn(failure);
    }
    if (program === undefined) {
      void this.offer(failures);
    } else {
      this.log.info(`spindle ${program.version} from ${program.from}: ${program.command}`);
    }
    return program;
  }

  private async offer(failures: readonly string[]): Promise<void> {
    const why = failures[0] ?? "it is neither in the active Python environment nor on PATH";
    const chosen = await window.showWarningMessage(
      `Spindle was not found: ${forMessage(why)}`,
      INSTALL,
      SET_PATH,
    );
    if (chosen === SET_PATH) {
      await commands.executeCommand("workbench.action.openSettings", `${SECTION}.path`);
    } else if (chosen === INSTALL) {
      await this.install();
    }
  }

  private async install(): Promise<void> {
    const python = (await activeInterpreter()) ?? (process.platform === "win32" ? "py" : "python3");
    const terminal = window.createTerminal({ name: "Install Spindle" });
    terminal.show();
    terminal.sendText(`${quoted(python)} -m pip install "${PACKAGE}"`);
    this.owned.push(
      window.onDidCloseTerminal((closed) => {
        if (closed === terminal) {
          void this.restart();
        }
      }),
    );
  }
}

function quoted(path: string): string {
  return /^[\w./\\:-]+$/.test(path) ? path : `"${path.replaceAll('"', '\\"')}"`;
}
