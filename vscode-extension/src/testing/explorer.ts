// Recorded exchanges, and Python tests that use the application, in the Test Explorer.
import {
  CancellationToken,
  Disposable,
  Range,
  TestController,
  TestItem,
  TestMessage,
  TestRun,
  TestRunProfileKind,
  TestRunRequest,
  Uri,
  tests,
  workspace,
} from "vscode";
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Program } from "../program";
import { appOf } from "../session";
import { oneLine } from "../wording";
import { Outcome, readCases, readPytest, testsIn } from "./outcomes";

const CASES = "**/*.exchange.json";
const PYTHON = "**/test_*.py";
const ELSEWHERE = "**/{node_modules,target,.venv,.spin}/**";

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
    this.owned = [CASES, PYTHON].map((pattern) => this.watch(pattern));
  }

  dispose(): void {
    this.controller.dispose();
    for (const owned of this.owned) {
      owned.dispose();
    }
  }

  private watch(pattern: string): Disposable {
    const watcher = workspace.createFileSystemWatcher(pattern);
    watcher.onDidCreate((uri) => void this.read(uri));
    watcher.onDidChange((uri) => void this.read(uri));
    watcher.onDidDelete((uri) => {
      this.controller.items.delete(uri.toString());
    });
    return watcher;
  }

  private async findAll(): Promise<void> {
    for (const pattern of [CASES, PYTHON]) {
      await Promise.all((await workspace.findFiles(pattern, ELSEWHERE)).map((u) => this.read(u)));
    }
  }

  /** Have the item of a file, if it has tests of an application. */
  private async read(uri: Uri | undefined): Promise<void> {
    if (uri === undefined || appOf(uri.fsPath) === undefined) {
      return;
    }
    const id = uri.toString();
    if (uri.path.endsWith(".exchange.json")) {
      const label = basename(uri.fsPath, ".exchange.json");
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

async function runItem(
  program: Program,
  item: TestItem,
  run: TestRun,
  token: CancellationToken,
): Promise<void> {
  const file = item.uri?.fsPath ?? "";
  const app = appOf(file);
  const leaves = item.children.size === 0 ? [item] : [...item.children].map(([, child]) => child);
  leaves.forEach((leaf) => {
    run.started(leaf);
  });
  try {
    const outcomes = file.endsWith(".json")
      ? readCases(await output(program.command, caseArgs(program, file, app), app, token))
      : readPytest(await output(pythonOf(program), pytestArgs(item, file, app), app, token));
    run.appendOutput(outcomes.map(lineOf).join(""));
    for (const leaf of leaves) {
      tell(run, leaf, outcomes);
    }
  } catch (error) {
    const message = new TestMessage(error instanceof Error ? error.message : String(error));
    leaves.forEach((leaf) => {
      run.errored(leaf, message);
    });
  }
}

function tell(run: TestRun, leaf: TestItem, outcomes: readonly Outcome[]): void {
  const own =
    outcomes.length === 1 ? outcomes : outcomes.filter(({ name }) => bare(name) === leaf.label);
  const failed = own.find((outcome) => !outcome.passed);
  if (own.length === 0) {
    run.errored(leaf, new TestMessage("it did not run: see the output of the run"));
  } else if (failed === undefined) {
    run.passed(leaf, own[0]?.took);
  } else {
    run.failed(leaf, new TestMessage(failed.message), failed.took);
  }
}

function lineOf({ name, passed, message }: Outcome): string {
  const lines = [`${passed ? "ok   " : "FAIL "} ${name}`, ...message.split(/\r?\n/)];
  return lines.map((line) => `${oneLine(line)}\r\n`).join("");
}

/** A test's name without its parameters. */
function bare(name: string): string {
  return name.replace(/\[.*$/, "");
}

function caseArgs(program: Program, file: string, app: string | undefined): string[] {
  const from = app === undefined ? [] : ["-f", app];
  return [...program.args, "test", ...from, "--format", "json", file];
}

function pytestArgs(item: TestItem, file: string, app: string | undefined): string[] {
  const target = item.id.includes("::") ? `${file}::${item.label}` : file;
  const from = app === undefined ? [] : ["--spindle-app", app];
  return ["-m", "pytest", "--spindle", ...from, "-q", "-rA", "--tb=short", target];
}

/** The interpreter that has Spindle: of a script, the one beside it. */
function pythonOf(program: Program): string {
  if (program.args.length > 0) {
    return program.command;
  }
  const scripts = dirname(existsSync(program.command) ? realpathSync(program.command) : "");
  const beside = ["python", "python3", "python.exe"].map((name) => join(scripts, name));
  return beside.find((path) => existsSync(path)) ?? "python3";
}

async function output(
  command: string,
  args: readonly string[],
  cwd: string | undefined,
  token: CancellationToken,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, cwd === undefined ? {} : { cwd });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    const cancelling = token.onCancellationRequested(() => child.kill());
    child.on("error", reject);
    child.on("close", () => {
      cancelling.dispose();
      const text = Buffer.concat(out).toString();
      if (text.trim() === "") {
        reject(new Error(Buffer.concat(err).toString().trim()));
      } else {
        resolve(text);
      }
    });
  });
}
