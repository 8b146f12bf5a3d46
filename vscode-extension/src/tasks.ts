// Tasks of type `spindle`: a verb of the command line in an application's folder.
import {
  ProcessExecution,
  Task,
  TaskDefinition,
  TaskGroup,
  TaskProvider,
  TaskScope,
  Uri,
  WorkspaceFolder,
  workspace,
} from "vscode";
import { dirname } from "node:path";
import { manifests } from "./apps";
import type { Program } from "./program";
import { settingsOf } from "./settings";

export interface SpindleTask extends TaskDefinition {
  readonly type: "spindle";
  readonly verb: string;
  /** What follows the verb. */
  readonly args?: readonly string[];
  /** The manifest or its folder; the workspace folder if not said. */
  readonly app?: string;
}

const OFFERED = ["build", "up", "watch", "check", "test"];
/** Verbs that go on until they are stopped. */
const SERVING = ["up", "watch"];
/** Verbs that take a manifest without a flag. */
const PLAIN = ["check"];

export class Tasks implements TaskProvider {
  constructor(private readonly program: () => Promise<Program | undefined>) {}

  async provideTasks(): Promise<Task[]> {
    const program = await this.program();
    if (program === undefined) {
      return [];
    }
    return (await manifests()).flatMap((app) =>
      OFFERED.map((verb) => taskOf(program, { type: "spindle", verb, app })),
    );
  }

  async resolveTask(task: Task): Promise<Task | undefined> {
    const program = await this.program();
    const definition = task.definition as SpindleTask;
    const scope = typeof task.scope === "object" ? task.scope : undefined;
    return program === undefined ? undefined : taskOf(program, definition, scope);
  }
}

export function taskOf(program: Program, definition: SpindleTask, scope?: WorkspaceFolder): Task {
  const folder = definition.app === undefined ? scope?.uri.fsPath : dirname(definition.app);
  const flag = PLAIN.includes(definition.verb) ? [] : ["-f"];
  const from = definition.app === undefined ? [] : [...flag, definition.app];
  const args = [...program.args, definition.verb, ...from, ...extras(definition)];
  const execution = new ProcessExecution(program.command, args, {
    ...(folder === undefined ? {} : { cwd: folder }),
    // The editor shows what happens itself, and wants problems as its matchers know them.
    env: { SPINDLE_TUI: "0", SPINDLE_PROBLEMS: "1" },
  });
  const owner =
    scope ?? (folder === undefined ? undefined : workspace.getWorkspaceFolder(Uri.file(folder)));
  const serves = SERVING.includes(definition.verb);
  const name = [definition.verb, ...(definition.args ?? [])].join(" ");
  const task = new Task(
    definition,
    owner ?? TaskScope.Workspace,
    name,
    "spindle",
    execution,
    serves ? "$spindle-watch" : "$spindle",
  );
  if (definition.verb === "build") {
    task.group = TaskGroup.Build;
  }
  task.isBackground = serves;
  return task;
}

function extras(definition: SpindleTask): readonly string[] {
  const settings = settingsOf(definition.app === undefined ? undefined : Uri.file(definition.app));
  const own = definition.args ?? [];
  if (definition.verb !== "up") {
    return own;
  }
  return [...(settings.watch ? ["--watch"] : []), ...settings.upArguments, ...own];
}
