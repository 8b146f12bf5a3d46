// Exchanges that become tests.
import { Uri, window, workspace } from "vscode";
import { join } from "node:path";
import type { Summary } from "../control/answers";
import { Session, runningHost } from "../session";

const CASES = ["tests", "exchanges"];

/** Save an exchange where `spindle test` looks for cases. */
export async function saveAsTest(session: Session, summary: Summary): Promise<void> {
  const host = await runningHost(session);
  const name =
    host && (await window.showInputBox({ prompt: "The test's name", value: caseName(summary) }));
  const folder = session.hosts.folder;
  if (host === undefined || folder === undefined || name === undefined || name === "") {
    return;
  }
  const { text } = await host.connection.call<{ text: string }>("exchange/export", {
    ids: [summary.id],
    format: "json",
  });
  const file = Uri.file(join(folder, ...CASES, `${plainName(name)}.exchange.json`));
  await workspace.fs.writeFile(file, new TextEncoder().encode(text));
  await window.showTextDocument(file);
}

/** A name made of what was asked: `get-orders-7`. */
export function caseName({ method, path, trigger, target }: Summary): string {
  return plainName(`${method ?? trigger} ${path ?? target}`.toLowerCase());
}

function plainName(text: string): string {
  return text.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "exchange";
}
