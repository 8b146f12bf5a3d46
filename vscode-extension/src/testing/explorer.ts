// Recorded exchanges, and Python tests that use the application, in the Test Explorer.
import {
  CancellationToken,
  Disposable,
  Range,
  TestController,
  TestItem,
  TestRunProfileKind,
  TestRunRequest,
  Uri,
  tests,
  workspace,
} from "vscode";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { filesOf, isWithin, watchFolders } from "../folders";
import type { Program } from "../program";
import { appOf } from "../session";
import { testsIn } from "./outcomes";
import { runItem } from "./running";

const CASE = ".exchange.json";
const TESTS = `**/{*${CASE},test_*.py,*_test.py}`;

export class Explorer implements Disposable {
  private readonly controller: TestController;
  private readonly owned: Disposable[];

  constructor(private readonly program: () => Promise<Program | undefined>) {
    this.controller = tests.createTestController("spindle", "Spindle");
    this.controller.createRunProfile(
      "Run",
      TestRunProfileKind.Run,
      (request, token) => this.run(request, token),
      true,
    );
    this.controller.resolveHandler = async (item) => {
      await (item === undefined ? this.findAll() : this.read(item.uri));
    };
    this.controller.refreshHandler = () => this.findAll();
    this.owned = this.watch();
  }

  dispose(): void {
    this.controller.dispose();
    for (const owned of this.owned) {
      owned.dispose();
    }
  }

  private watch(): Disposable[] {
    const watcher = workspace.createFileSystemWatcher(TESTS, false, false, true);
    const read = (uri: Uri): void => void this.read(uri);
    return [
      watcher,
      watcher.onDidCreate(read),
      watcher.onDidChange(read),
      watchFolders(TESTS, read, ({ fsPath }) => {
        this.forget(({ uri }) => isWithin(uri?.fsPath ?? "", fsPath));
      }),
    ];
  }

  private async findAll(): Promise<void> {
    this.forget(({ uri }) => !existsSync(uri?.fsPath ?? ""));
    await Promise.all((await filesOf(TESTS)).map((uri) => this.read(uri)));
  }

  private forget(isGone: (item: TestItem) => boolean): void {
    const { items } = this.controller;
    for (const [id] of [...items].filter(([, item]) => isGone(item))) {
      items.delete(id);
    }
  }

  /** Have the item of a file, if it has tests of an application. */
  private async read(uri: Uri | undefined): Promise<void> {
    if (uri === undefined || appOf(uri.fsPath) === undefined) {
      return;
    }
    const id = uri.toString();
    if (uri.path.endsWith(CASE)) {
      const label = basename(uri.fsPath, CASE);
      this.controller.items.add(this.controller.createTestItem(id, label, uri));
      return;
    }
    const source = new TextDecoder().decode(await workspace.fs.readFile(uri));
    const found = testsIn(source);
    if (found.length === 0) {
      this.controller.items.delete(id);
      return;
    }
    const file = this.controller.createTestItem(id, basename(uri.fsPath), uri);
    for (const { name, line } of found) {
      const test = this.controller.createTestItem(`${id}::${name}`, name, uri);
      test.range = new Range(line, 0, line, 0);
      file.children.add(test);
    }
    this.controller.items.add(file);
  }

  private async run(request: TestRunRequest, token: CancellationToken): Promise<void> {
    await this.findAll();
    const run = this.controller.createTestRun(request);
    const program = await this.program();
    const items = request.include ?? [...this.controller.items].map(([, item]) => item);
    for (const item of program === undefined ? [] : items) {
      if (!token.isCancellationRequested && program !== undefined) {
        await runItem(program, item, run, token);
      }
    }
    run.end();
  }
}
