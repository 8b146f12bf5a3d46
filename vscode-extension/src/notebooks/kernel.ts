// A kernel of a folder's notebooks: a process that is spoken to over its stdin and stdout.
import { ChildProcess, spawn } from "node:child_process";
import {
  MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import type { Program } from "../program";

/** One of Jupyter's messages about a cell that runs. */
export interface Output {
  readonly id: number;
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly prompt: string;
  readonly password: boolean;
}

export class Kernel {
  private readonly process: ChildProcess;
  private readonly messages: MessageConnection;
  private said = "";
  onOutput: (output: Output) => void = () => undefined;
  onQuestion: (question: Question) => Promise<string> = () => Promise.resolve("");

  constructor(program: Program, folder: string, onEnded: (why: string) => void) {
    const args = [...program.args, "kernel", "bridge", folder];
    const child = spawn(program.command, args, { cwd: folder, stdio: "pipe" });
    this.process = child;
    child.stderr.on("data", (data: Buffer) => {
      this.said = (this.said + data.toString()).slice(-2000);
    });
    child.on("error", (error) => {
      onEnded(error.message);
    });
    child.on("exit", () => {
      onEnded(this.said.trim());
    });
    this.messages = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.messages.onNotification("output", (output: Output) => {
      this.onOutput(output);
    });
    this.messages.onNotification("ask", (question: Question) => {
      void this.onQuestion(question).then((value) =>
        this.messages.sendNotification("answer", { value }),
      );
    });
    this.messages.onError(() => undefined);
    this.messages.listen();
  }

  async execute(code: string): Promise<{ status: string }> {
    return await this.messages.sendRequest("execute", { code });
  }

  async interrupt(): Promise<void> {
    await this.messages.sendNotification("interrupt", {});
  }

  dispose(): void {
    this.messages.dispose();
    this.process.stdin?.end();
    setTimeout(() => this.process.kill(), 5000).unref();
  }
}
