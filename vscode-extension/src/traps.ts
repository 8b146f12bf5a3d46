// Traps, and failures that guests answer themselves, as problems at the guest's source lines, the exchange one click away.
import {
  Diagnostic,
  DiagnosticSeverity,
  Disposable,
  Range,
  Uri,
  languages,
  workspace,
} from "vscode";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Exchange, Frame, Summary, Traceback, isFailed } from "./control/answers";
import { ExchangeDocuments, uriOf } from "./documents";
import { Exchanges } from "./exchanges";
import { oneLine } from "./wording";

const MOST = 50;

/** Keeps the problems of the newest traps, until the file is saved or another build does well. */
export function showTraps(
  exchanges: Exchanges,
  documents: ExchangeDocuments,
  root: () => string | undefined,
): Disposable {
  const problems = languages.createDiagnosticCollection("spindle-traps");
  const seen = new Set<string>();
  const placed = new Map<string, Exchange>();
  const look = async (): Promise<void> => {
    const newest = exchanges.list.slice(0, MOST);
    const fresh = newest.filter((each) => isNews(each, seen));
    for (const { id } of fresh.reverse()) {
      const file = place(problems, await documents.get(id), root() ?? "");
      if (file !== undefined) {
        placed.set(file.toString(), await documents.get(id));
      }
    }
    for (const [file, exchange] of placed) {
      if (isMended(exchange, newest)) {
        placed.delete(file);
        problems.delete(Uri.parse(file));
      }
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

function isNews(summary: Summary, seen: Set<string>): boolean {
  if (!isFailed(summary) || seen.has(summary.id)) {
    return false;
  }
  seen.add(summary.id);
  return true;
}

/** Whether a later build of the component has answered. */
function isMended({ id, component, build }: Exchange, newest: readonly Summary[]): boolean {
  const last = newest.find((summary) => summary.component === component);
  return last !== undefined && last.id > id && last.build !== build && !isFailed(last);
}

function place(
  problems: ReturnType<typeof languages.createDiagnosticCollection>,
  exchange: Exchange,
  root: string,
): Uri | undefined {
  const own = ownFrame(exchange, root);
  if (own === undefined) {
    return undefined;
  }
  const { frame, file } = own;
  const line = Math.max(0, (frame.line ?? 1) - 1);
  const column = frame.column === null ? indentOf(file, line) : Math.max(0, frame.column - 1);
  const told = tracebackOf(exchange);
  const reason = told?.message ?? exchange.trap?.reason ?? "";
  const problem = new Diagnostic(
    new Range(line, column, line, column + 1000),
    oneLine(reason, 500),
    DiagnosticSeverity.Error,
  );
  problem.source = "spindle";
  problem.code = {
    value: exchange.trap === null ? "failure" : "trap",
    target: uriOf(exchange.id, "exchange.md"),
  };
  problems.set(file, [problem]);
  return file;
}

/** How many characters a line is indented by. */
function indentOf(file: Uri, line: number): number {
  const text = readFileSync(file.fsPath, "utf8").split("\n")[line] ?? "";
  return text.search(/\S|$/);
}

function tracebackOf(exchange: Exchange): Traceback | null {
  return exchange.trap?.traceback ?? exchange.traceback;
}

/** The innermost frame in a file of the workspace; paths are from the application's folder. */
export function ownFrame(
  exchange: Exchange,
  root: string,
): { readonly frame: Frame; readonly file: Uri } | undefined {
  const frames = [...(tracebackOf(exchange)?.frames ?? []), ...(exchange.trap?.frames ?? [])];
  for (const frame of frames) {
    const file = frame.file === null ? undefined : Uri.file(resolve(root, frame.file));
    if (
      file !== undefined &&
      workspace.getWorkspaceFolder(file) !== undefined &&
      existsSync(file.fsPath)
    ) {
      return { frame, file };
    }
  }
  return undefined;
}
