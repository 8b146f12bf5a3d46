// The language server: started, restarted, and said to be gone when it stays away.
import { Disposable, LogOutputChannel } from "vscode";
import {
  CloseAction,
  CloseHandlerResult,
  ErrorAction,
  ErrorHandler,
  LanguageClient,
  LanguageClientOptions,
} from "vscode-languageclient/node";
import type { Program } from "./program";
import { Restarts } from "./restarting";

/** The commands its lenses and actions may name. */
export const COMMANDS_OF_LENSES = [
  "spindle.openRoute",
  "spindle.sendRequest",
  "spindle.showExchanges",
];

export class Server implements Disposable {
  private client: LanguageClient | undefined;

  constructor(private readonly log: LogOutputChannel) {}

  async start(program: Program): Promise<void> {
    await this.stop();
    const client = new LanguageClient(
      "spindle",
      "Spindle",
      { command: program.command, args: [...program.args, "lsp"] },
      this.options(),
    );
    this.client = client;
    await client.start();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop() === true) {
      await client.dispose();
    }
  }

  dispose(): void {
    void this.stop();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [
        { scheme: "file", pattern: "**/spin.toml" },
        { scheme: "file", pattern: "**/runtime-config.toml" },
      ],
      outputChannel: this.log,
      initializationOptions: { commands: COMMANDS_OF_LENSES },
      errorHandler: new StartAgain(this.log),
    };
  }
}

/** Starts a server that ended again, each time later, and says so when it has ended too often. */
class StartAgain implements ErrorHandler {
  private readonly restarts = new Restarts();

  constructor(private readonly log: LogOutputChannel) {}

  error(): { action: ErrorAction } {
    return { action: ErrorAction.Continue };
  }

  async closed(): Promise<CloseHandlerResult> {
    const delay = this.restarts.next(Date.now());
    if (delay === undefined) {
      const message = "Spindle's language server ended too often: see its output, then restart it.";
      return { action: CloseAction.DoNotRestart, message };
    }
    this.log.warn(`the language server ended, and is started again in ${delay} ms`);
    await new Promise((resolve) => setTimeout(resolve, delay));
    return { action: CloseAction.Restart, handled: true };
  }
}
