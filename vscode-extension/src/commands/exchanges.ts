// What can be done with an exchange.
import { Disposable, commands, env, window, workspace } from "vscode";
import type { Exchange, Summary } from "../control/answers";
import { uriOf } from "../documents";
import type { Part } from "../rendering";
import { Session, runningHost, telling } from "../session";
import { saveAsTest } from "./cases";
import { onExchange, pick } from "./chosen";

const FORMATS = ["curl", "http", "har", "python", "pytest", "json"];
const LANGUAGES: Readonly<Record<string, string>> = {
  curl: "shellscript",
  http: "spindle-http",
  python: "python",
  pytest: "python",
  json: "json",
  har: "json",
};
const SHOWN: Readonly<Record<string, Part>> = {
  openExchange: "exchange.md",
  showRequest: "request.http",
  showResponse: "response.http",
  showLogs: "logs.log",
  showCalls: "calls.log",
};
const PREVIOUS = "previous";

interface Replayed {
  readonly exchange: Exchange;
}

export function registerExchanges(session: Session): Disposable[] {
  const shown = Object.entries(SHOWN).map(([name, part]) =>
    onExchange(session, name, "Show", ({ id }) => session.documents.show(id, part)),
  );
  return [
    ...shown,
    onExchange(session, "replay", "Replay", (summary) => replay(session, summary)),
    onExchange(session, "replayAgainst", "Replay", (summary) => replayAgainst(session, summary)),
    onExchange(session, "diff", "Compare", (summary, chosen) => compare(session, summary, chosen)),
    onExchange(session, "export", "Export", (summary, chosen) =>
      exportThem(session, [summary, ...chosen]),
    ),
    onExchange(session, "saveAsTest", "Save as test", (summary) => saveAsTest(session, summary)),
    commands.registerCommand("spindle.filter", () => filter(session)),
    commands.registerCommand("spindle.clearFilter", () =>
      telling("Filter", () => session.exchanges.filter("")),
    ),
  ];
}

async function replay(session: Session, summary: Summary, against?: string): Promise<void> {
  const host = await runningHost(session);
  if (host === undefined) {
    return;
  }
  const { exchange } = await host.connection.call<Replayed>("exchange/replay", {
    id: summary.id,
    state: "fork",
    ...(against === undefined ? {} : { against }),
  });
  session.documents.keep(exchange);
  const how = against === undefined ? "replayed" : `build ${exchange.build ?? against}`;
  await showDifference(summary.id, exchange.id, how);
}

/** Replay on another build of the component: one that answered an exchange of the list. */
async function replayAgainst(session: Session, summary: Summary): Promise<void> {
  const known = session.exchanges.list
    .filter(({ component, build }) => component === summary.component && build !== summary.build)
    .map(({ build }) => build)
    .filter((build) => build !== null);
  const rows = [
    { label: PREVIOUS, description: "the build before the one that answers now" },
    ...[...new Set(known)].map((label) => ({ label, description: "it answered an exchange" })),
  ];
  const chosen = await window.showQuickPick(rows, { placeHolder: "Which build?" });
  if (chosen !== undefined) {
    await replay(session, summary, chosen.label);
  }
}

async function compare(
  session: Session,
  summary: Summary,
  chosen: readonly Summary[],
): Promise<void> {
  const other =
    chosen.find((one) => one.id !== summary.id) ?? (await pick(session, "Compare with which?"));
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
  window.setStatusBarMessage("It is on the clipboard as well.", SHOWN_MS);
}

const SHOWN_MS = 5000;

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
