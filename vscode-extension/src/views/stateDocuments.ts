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
import { oneLine } from "../wording";

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

export class StateDocuments implements TextDocumentContentProvider {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly hosts: Hosts) {}

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const connection = this.hosts.current?.connection;
    if (connection === undefined) {
      throw new Error("the application is not running");
    }
    const what = JSON.parse(uri.query) as Key | Table;
    return what.kind === "key"
      ? await valueText(connection, what)
      : await rowsText(connection, what);
  }

  /** Show what is there now. */
  async show(what: Key | Table): Promise<void> {
    const name = what.kind === "key" ? what.key : what.table;
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

async function valueText(connection: Connection, { store, key }: Key): Promise<string> {
  const { value } = await connection.call<{ value: BodyCopy | null }>("kv/get", { store, key });
  if (value === null) {
    return "";
  }
  return value.encoding === "base64" ? hexdump(Buffer.from(value.data, "base64")) : value.data;
}

async function rowsText(connection: Connection, { database, table }: Table): Promise<string> {
  const name = `"${table.replaceAll('"', '""')}"`;
  const { columns, rows } = await query(connection, database, `SELECT * FROM ${name}`);
  return tableText(columns, rows);
}

export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export async function query(
  connection: Connection,
  database: string,
  sql: string,
): Promise<Result> {
  const answer = await connection.call<{ results: Result[] }>("sql/query", {
    database,
    sql,
    limit: MOST_ROWS,
  });
  return answer.results[0] ?? { columns: [], rows: [] };
}

/** Rows as aligned columns. */
export function tableText(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): string {
  const cells = rows.map((row) =>
    row.map((value) => oneLine(typeof value === "string" ? value : JSON.stringify(value), 60)),
  );
  const widths = columns.map((name, at) =>
    Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    line(columns),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...cells.map(line),
  ].join("\n");
}
