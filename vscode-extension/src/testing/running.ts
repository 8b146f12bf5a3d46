// Runs recorded exchanges and Python tests, and tells a run of the Test Explorer how they went.
import { CancellationToken, Location, Position, TestItem, TestMessage, TestRun } from "vscode";
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Program } from "../program";
import { appOf } from "../session";
import { oneLine } from "../wording";
import { Outcome, outcomesOf, readCases, readPytest } from "./outcomes";

/** Characters of a line of output. */
const LONGEST = 2000;

/** Run a file, or a test of one. */
export async function runItem(
  program: Program,
  item: TestItem,
  run: TestRun,
  token: CancellationToken,
): Promise<void> {
  const file = item.uri?.fsPath ?? "";
  const leaves = item.children.size === 0 ? [item] : [...item.children].map(([, child]) => child);
  leaves.forEach((leaf) => {
    run.started(leaf);
  });
  try {
    const outcomes = file.endsWith(".json")
      ? await runCase(program, file, run, token)
      : await runPytest(program, item, run, token);
    for (const leaf of token.isCancellationRequested ? [] : leaves) {
      tell(run, leaf, outcomesOf(leaf.label, basename(file, ".py"), outcomes));
    }
  } catch (error) {
    const message = new TestMessage(error instanceof Error ? error.message : String(error));
    leaves.forEach((leaf) => {
      run.errored(leaf, message);
    });
  }
}

function tell(run: TestRun, leaf: TestItem, outcomes: readonly Outcome[]): void {
  const failed = outcomes.find(({ passed }) => !passed);
  const took = outcomes.reduce((sum, outcome) => sum + outcome.took, 0);
  if (outcomes.length === 0) {
    run.errored(leaf, new TestMessage("it did not run: see the output of the run"));
  } else if (failed !== undefined) {
    const message = new TestMessage(failed.message);
    if (failed.line !== undefined && leaf.uri !== undefined) {
      message.location = new Location(leaf.uri, new Position(failed.line, 0));
    }
    run.failed(leaf, message, took);
  } else if (outcomes.every(({ skipped }) => skipped === true)) {
    run.skipped(leaf);
  } else {
    run.passed(leaf, took);
  }
}

async function runCase(
  program: Program,
  file: string,
  run: TestRun,
  token: CancellationToken,
): Promise<readonly Outcome[]> {
  const app = appOf(file);
  const printed = await output(program.command, caseArgs(program, file, app), app, token);
  if (printed.out.trim() === "") {
    throw new Error(printed.err.trim());
  }
  const outcomes = readCases(printed.out);
  for (const { name, passed, message } of outcomes) {
    show(run, `${passed ? "ok   " : "FAIL "} ${name}\n${message}`);
  }
  return outcomes;
}

async function runPytest(
  program: Program,
  item: TestItem,
  run: TestRun,
  token: CancellationToken,
): Promise<readonly Outcome[]> {
  const file = item.uri?.fsPath ?? "";
  const app = appOf(file);
  const folder = await mkdtemp(join(tmpdir(), "spindle-tests-"));
  try {
    const report = join(folder, "report.xml");
    const args = [...pytestArgs(item, file, app), `--junit-xml=${report}`];
    const { out, err } = await output(pythonOf(program), args, app, token);
    show(run, `${err}${out}`);
    const told = await readFile(report, "utf8").catch(() => undefined);
    if (told === undefined) {
      throw new Error(err.trim() || out.trim() || "pytest did not run");
    }
    return readPytest(told, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Have text in the output of a run, which is a terminal. */
function show(run: TestRun, text: string): void {
  const lines = text.trimEnd().split(/\r?\n/);
  run.appendOutput(lines.map((line) => `${oneLine(line, LONGEST)}\r\n`).join(""));
}

function caseArgs(program: Program, file: string, app: string | undefined): string[] {
  const from = app === undefined ? [] : ["-f", app];
  return [...program.args, "test", ...from, "--format", "json", file];
}

function pytestArgs(item: TestItem, file: string, app: string | undefined): string[] {
  const target = item.id.includes("::") ? `${file}::${item.label}` : file;
  const from = app === undefined ? [] : ["--spindle-app", app];
  return ["-m", "pytest", "--spindle", ...from, "-q", "--tb=short", target];
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
): Promise<{ readonly out: string; readonly err: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, cwd === undefined ? {} : { cwd });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    const cancelling = token.onCancellationRequested(() => child.kill());
    child.on("error", reject);
    child.on("close", () => {
      cancelling.dispose();
      resolve({ out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    });
  });
}
