// Values and tables as documents to be read: `spindle-state:/<key or table>?<which>`.
import {
  EventEmitter,
  TextDocumentContentProvider,
  Uri,
  languages,
  window,
  workspace,
} from "vscode";
import type { BodyCopy } from "../control/answers";
import type { Connection } from "../control/connection";
import type { Hosts } from "../hosts";
import { hexdump } from "../rendering";
import { Result, quoted, resultsText } from "./tables";

export const STATE_SCHEME = "spindle-state";

const MOST_ROWS = 1000;

export interface Key {
  readonly kind: "key";
  readonly store: string;
  readonly key: string;
}

export interface Table {
  readonly kind: "table";
  readonly database: string;
  readonly table: string;
}

export interface Query {
  readonly kind: "query";
  readonly database: string;
  /** A statement that changes nothing: it runs whenever its document is read. */
  readonly sql: string;
}

/** What was found by statements that are not run again. */
export interface Answer {
  readonly kind: "answer";
  readonly database: string;
  readonly number: number;
}

type Shown = Key | Table | Query | Answer;

export class StateDocuments implements TextDocumentContentProvider {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly answers: string[] = [];

  constructor(private readonly hosts: Hosts) {}

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const what = JSON.parse(uri.query) as Shown;
    if (what.kind === "answer") {
      return this.answers[what.number] ?? "";
    }
    const connection = this.hosts.current?.connection;
    if (connection === undefined) {
      throw new Error("the application is not running");
    }
    if (what.kind === "key") {
      return await valueOf(connection, what);
    }
    const sql = what.kind === "table" ? `SELECT * FROM ${quoted(what.table)}` : what.sql;
    return resultsText(await query(connection, what.database, sql));
  }

  /** Show what statements found that changed something as well. */
  async showAnswer(database: string, results: readonly Result[]): Promise<void> {
    const number = this.answers.push(resultsText(results)) - 1;
    await this.show({ kind: "answer", database, number });
  }

  /** Have what is open be read again. */
  refresh(): void {
    for (const { uri } of workspace.textDocuments) {
      if (uri.scheme === STATE_SCHEME) {
        this.changed.fire(uri);
      }
    }
  }

  /** Show what is there now. */
  async show(what: Shown): Promise<void> {
    const name = nameOf(what);
    const plain = name.replace(/[/\\]/g, "_");
    const query = JSON.stringify(what);
    const uri = Uri.from({ scheme: STATE_SCHEME, path: `/${plain}`, query });
    this.changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    if (/^\s*[[{]/.test(document.getText())) {
      await languages.setTextDocumentLanguage(document, "json");
    }
    await window.showTextDocument(document, { preview: true });
  }
}

function nameOf(what: Shown): string {
  switch (what.kind) {
    case "key":
      return what.key;
    case "table":
      return what.table;
    case "query":
    case "answer":
      return `SQL on ${what.database}`;
  }
}

/** A value to be read: text as it is, other bytes in hex. */
export async function valueOf(connection: Connection, { store, key }: Key): Promise<string> {
  const { value } = await connection.call<{ value: BodyCopy | null }>("kv/get", { store, key });
  if (value === null) {
    return "";
  }
  return value.encoding === "base64"
    ? `${hexdump(Buffer.from(value.data, "base64"))}\n`
    : value.data;
}

export async function query(
  connection: Connection,
  database: string,
  sql: string,
): Promise<readonly Result[]> {
  const asked = { database, sql, limit: MOST_ROWS };
  return (await connection.call<{ results: Result[] }>("sql/query", asked)).results;
}
