// What can be done with an exchange.
import { Disposable, Uri, commands, env, window, workspace } from "vscode";
import type { Exchange, Summary } from "../control/answers";
import { uriOf } from "../documents";
import { Session, runningHost, telling } from "../session";
import { labelOf } from "../views/exchanges";
import { saveAsTest } from "./cases";

const FORMATS = ["curl", "http", "har", "python", "pytest", "json"];
const LANGUAGES: Readonly<Record<string, string>> = {
  curl: "shellscript",
  python: "python",
  pytest: "python",
  json: "json",
  har: "json",
};

interface Replayed {
  readonly exchange: Exchange;
}

export function registerExchanges(session: Session): Disposable[] {
  const on = (
    name: string,
    doing: string,
    work: (summary: Summary, chosen: readonly Summary[]) => Promise<void>,
  ): Disposable =>
    commands.registerCommand(
      `spindle.${name}`,
      async (summary?: Summary, chosen?: readonly Summary[]) => {
        const picked = summary ?? (await pick(session));
        if (picked !== undefined) {
          await telling(doing, () => work(picked, chosen ?? [picked]));
        }
      },
    );
  return [
    on("openExchange", "Open", ({ id }) => session.documents.show(id, "exchange.md")),
    on("showResponse", "Show the response", ({ id }) =>
      session.documents.show(id, "response.http"),
    ),
    on("showLogs", "Show the logs", ({ id }) => session.documents.show(id, "logs.log")),
    on("replay", "Replay", (summary) => replay(session, summary)),
    on("diff", "Compare", (summary, chosen) => compare(session, summary, chosen)),
    on("export", "Export", (summary, chosen) => exportThem(session, [summary, ...chosen])),
    on("saveAsTest", "Save as test", (summary) => saveAsTest(session, summary)),
    commands.registerCommand("spindle.filter", () => filter(session)),
  ];
}

async function pick(session: Session): Promise<Summary | undefined> {
  const rows = session.exchanges.list.map((summary) => ({ label: labelOf(summary), summary }));
  return (await window.showQuickPick(rows, { placeHolder: "Which exchange?" }))?.summary;
}

async function replay(session: Session, summary: Summary): Promise<void> {
  const host = await runningHost(session);
  if (host === undefined) {
    return;
  }
  const { exchange } = await host.connection.call<Replayed>("exchange/replay", {
    id: summary.id,
    state: "fork",
  });
  session.documents.keep(exchange);
  await showDifference(summary.id, exchange.id, "replayed");
}

async function compare(
  session: Session,
  summary: Summary,
  chosen: readonly Summary[],
): Promise<void> {
  const other = chosen.find((one) => one.id !== summary.id) ?? (await pick(session));
  if (other !== undefined) {
    await showDifference(other.id, summary.id, "two exchanges");
  }
}

async function showDifference(before: string, after: string, what: string): Promise<void> {
  const [left, right] = [uriOf(before, "response.http"), uriOf(after, "response.http")];
  await commands.executeCommand("vscode.diff", left, right, `Response: ${what}`);
}

async function exportThem(session: Session, summaries: readonly Summary[]): Promise<void> {
  const host = await runningHost(session);
  const format = host && (await window.showQuickPick(FORMATS, { placeHolder: "As what?" }));
  if (host === undefined || format === undefined) {
    return;
  }
  const ids = [...new Set(summaries.map((summary) => summary.id))];
  const { text } = await host.connection.call<{ text: string }>("exchange/export", { ids, format });
  await env.clipboard.writeText(text);
  const language = LANGUAGES[format] ?? "plaintext";
  await window.showTextDocument(await workspace.openTextDocument({ content: text, language }));
}

async function filter(session: Session): Promise<void> {
  const where = await window.showInputBox({
    value: session.exchanges.where,
    prompt: "Which exchanges are shown",
    placeHolder: "status>=500 component:api path~/v1 slow>100ms",
  });
  if (where !== undefined) {
    await telling("Filter", () => session.exchanges.filter(where));
  }
}

export function exchangeOfUri(uri: Uri): string | undefined {
  return uri.path.split("/")[1];
}
