// Spindle's kernel for notebooks, and exchanges opened in one.
import {
  Disposable,
  NotebookCell,
  NotebookCellData,
  NotebookCellExecution,
  NotebookCellKind,
  NotebookCellOutput,
  NotebookController,
  NotebookData,
  NotebookDocument,
  Uri,
  commands,
  notebooks,
  window,
  workspace,
} from "vscode";
import { dirname } from "node:path";
import { onExchange } from "../commands/chosen";
import { Session, chooseManifest } from "../session";
import { forMessage } from "../wording";
import { Kernel, Output } from "./kernel";
import { displayId, outputOf } from "./outputs";

const TYPE = "jupyter-notebook";

export class Notebooks implements Disposable {
  private readonly controller: NotebookController;
  private readonly kernels = new Map<NotebookDocument, Kernel>();
  private readonly owned: Disposable[];
  private count = 0;

  constructor(private readonly session: Session) {
    this.controller = notebooks.createNotebookController("spindle", TYPE, "Spindle");
    this.controller.description = "Python with the application, and cells that are requests";
    this.controller.supportedLanguages = ["python", "spindle-http", "plaintext"];
    this.controller.supportsExecutionOrder = true;
    this.controller.executeHandler = (cells, notebook) => this.run(cells, notebook);
    this.controller.interruptHandler = (notebook) => this.kernels.get(notebook)?.interrupt();
    this.owned = [
      workspace.onDidCloseNotebookDocument((notebook) => {
        this.end(notebook);
      }),
      commands.registerCommand("spindle.restartKernel", () => {
        const notebook = window.activeNotebookEditor?.notebook;
        if (notebook !== undefined) {
          this.end(notebook);
        }
      }),
      onExchange(session, "openInNotebook", "Open in a notebook", ({ id }) =>
        this.openExchange(id),
      ),
    ];
  }

  dispose(): void {
    for (const kernel of this.kernels.values()) {
      kernel.dispose();
    }
    this.controller.dispose();
    Disposable.from(...this.owned).dispose();
  }

  private end(notebook: NotebookDocument): void {
    this.kernels.get(notebook)?.dispose();
    this.kernels.delete(notebook);
  }

  private async kernelOf(notebook: NotebookDocument): Promise<Kernel | undefined> {
    const known = this.kernels.get(notebook);
    const program = known === undefined ? await this.session.program() : undefined;
    if (program === undefined) {
      return known;
    }
    const kernel = new Kernel(program, await folderOf(notebook), (why) => {
      if (this.kernels.get(notebook) === kernel) {
        this.end(notebook);
        void window.showErrorMessage(`Spindle's kernel ended. ${forMessage(why)}`);
      }
    });
    kernel.onQuestion = async ({ prompt, password }) =>
      (await window.showInputBox({ prompt, password, ignoreFocusOut: true })) ?? "";
    this.kernels.set(notebook, kernel);
    return kernel;
  }

  private async run(cells: readonly NotebookCell[], notebook: NotebookDocument): Promise<void> {
    const kernel = await this.kernelOf(notebook);
    for (const cell of cells) {
      if (kernel === undefined || !(await this.runCell(kernel, cell))) {
        return;
      }
    }
  }

  /** Whether the next one may run. */
  private async runCell(kernel: Kernel, cell: NotebookCell): Promise<boolean> {
    const execution = this.controller.createNotebookCellExecution(cell);
    execution.executionOrder = ++this.count;
    execution.start(Date.now());
    await execution.clearOutput();
    const writing = new Writing(execution);
    kernel.onOutput = (output) => {
      writing.take(output);
    };
    const interrupted = execution.token.onCancellationRequested(() => void kernel.interrupt());
    const succeeded = await kernel.execute(cell.document.getText()).then(
      ({ status }) => status === "ok",
      () => false, // the kernel ended, which was said
    );
    interrupted.dispose();
    await writing.done();
    execution.end(succeeded, Date.now());
    return succeeded;
  }

  private async openExchange(id: string): Promise<void> {
    const manifest = this.session.hosts.current?.file.manifest ?? (await chooseManifest());
    if (manifest === undefined) {
      return;
    }
    const code = [
      `app = attach(${JSON.stringify(dirname(manifest))})`,
      `exchange = app.exchange(${JSON.stringify(id)})`,
      "exchange",
    ];
    const cells = [code.join("\n"), `app.replay(${JSON.stringify(id)})`].map(
      (text) => new NotebookCellData(NotebookCellKind.Code, text, "python"),
    );
    const notebook = await workspace.openNotebookDocument(TYPE, new NotebookData(cells));
    await window.showNotebookDocument(notebook);
  }
}

/** Puts what comes into a cell's outputs, in order. */
class Writing {
  private last: Promise<void> = Promise.resolve();
  private readonly displays = new Map<string, NotebookCellOutput>();

  constructor(private readonly execution: NotebookCellExecution) {}

  take(output: Output): void {
    this.last = this.last.then(() => this.write(output)).catch(() => undefined);
  }

  async done(): Promise<void> {
    await this.last;
  }

  private async write(output: Output): Promise<void> {
    if (output.type === "clear_output") {
      await this.execution.clearOutput();
      return;
    }
    const made = outputOf(output);
    const id = displayId(output.content);
    const shown = id === undefined ? undefined : this.displays.get(id);
    if (made === undefined) {
      return;
    }
    if (output.type === "update_display_data" && shown !== undefined) {
      await this.execution.replaceOutputItems(made.items, shown);
      return;
    }
    if (id !== undefined) {
      this.displays.set(id, made);
    }
    await this.execution.appendOutput(made);
  }
}

async function folderOf(notebook: NotebookDocument): Promise<string> {
  if (notebook.uri.scheme === "file") {
    return dirname(notebook.uri.fsPath);
  }
  const manifest = await chooseManifest();
  const [folder] = workspace.workspaceFolders ?? [];
  return manifest === undefined ? (folder?.uri ?? Uri.file("/")).fsPath : dirname(manifest);
}
