// Traps as problems at the guest's source lines, the exchange one click away.
import {
  Diagnostic,
  DiagnosticSeverity,
  Disposable,
  Range,
  Uri,
  languages,
  workspace,
} from "vscode";
import { existsSync } from "node:fs";
import type { Exchange, Frame, Summary } from "./control/answers";
import { ExchangeDocuments, uriOf } from "./documents";
import type { Exchanges } from "./exchanges";
import { oneLine } from "./wording";

const MOST = 50;

/** Keeps the problems of the newest traps; a saved file has none until it traps again. */
export function showTraps(exchanges: Exchanges, documents: ExchangeDocuments): Disposable {
  const problems = languages.createDiagnosticCollection("spindle-traps");
  const seen = new Set<string>();
  const look = async (): Promise<void> => {
    const fresh = exchanges.list.slice(0, MOST).filter((each) => isNews(each, seen));
    for (const { id } of fresh.reverse()) {
      place(problems, await documents.get(id));
    }
  };
  return Disposable.from(
    problems,
    exchanges.onChanged(() => {
      look().catch(() => undefined); // the host went away; the next one tells its own
    }),
    workspace.onDidSaveTextDocument((document) => {
      problems.delete(document.uri);
    }),
  );
}

function isNews({ id, trap }: Summary, seen: Set<string>): boolean {
  if (trap === null || seen.has(id)) {
    return false;
  }
  seen.add(id);
  return true;
}

function place(
  problems: ReturnType<typeof languages.createDiagnosticCollection>,
  exchange: Exchange,
): void {
  const frame = ownFrame(exchange);
  const trap = exchange.trap;
  if (trap === null || frame?.file == null) {
    return;
  }
  const line = Math.max(0, (frame.line ?? 1) - 1);
  const column = Math.max(0, (frame.column ?? 1) - 1);
  const reason = trap.traceback?.message ?? trap.reason;
  const problem = new Diagnostic(
    new Range(line, column, line, frame.column === null ? 1000 : column + 1000),
    oneLine(reason, 500),
    DiagnosticSeverity.Error,
  );
  problem.source = "spindle";
  problem.code = { value: "trap", target: uriOf(exchange.id, "exchange.md") };
  problems.set(Uri.file(frame.file), [problem]);
}

/** The innermost frame in a file of the workspace. */
export function ownFrame(exchange: Exchange): Frame | undefined {
  const trap = exchange.trap;
  const frames = [...(trap?.traceback?.frames ?? []), ...(trap?.frames ?? [])];
  return frames.find(
    ({ file }) =>
      file !== null &&
      workspace.getWorkspaceFolder(Uri.file(file)) !== undefined &&
      existsSync(file),
  );
}
