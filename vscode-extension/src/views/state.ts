// The state that guests keep: key-value stores, and the tables of SQLite databases.
import {
  Disposable,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  commands,
  window,
  workspace,
} from "vscode";
import type { Connection } from "../control/connection";
import { Session, telling } from "../session";
import { counted, forMessage, oneLine } from "../wording";
import { PolledView } from "./polled";
import { Key, STATE_SCHEME, StateDocuments, Table, query, valueOf } from "./stateDocuments";
import { changesOf, isQuery, quoted } from "./tables";

type Row =
  | Key
  | Table
  | { readonly kind: "store"; readonly store: string }
  | { readonly kind: "more"; readonly store: string; readonly shown: number }
  | { readonly kind: "database"; readonly database: string };

interface Grants {
  readonly grants: {
    readonly key_value_stores: readonly string[];
    readonly sqlite_databases: readonly string[];
  };
}

const SHOWN_MS = 5000;
const MOST_KEYS = 500;
const TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name";

export class StateView extends PolledView<Row> {
  protected override async childrenOf(
    parent: Row | undefined,
    connection: Connection,
  ): Promise<Row[]> {
    switch (parent?.kind) {
      case undefined:
        return await granted(connection);
      case "store":
        return await keysOf(connection, parent.store);
      case "database":
        return await tablesOf(connection, parent.database);
      default:
        return [];
    }
  }

  override getTreeItem(row: Row): TreeItem {
    switch (row.kind) {
      case "store":
        return folder(row.store, "key-value", "archive", "store");
      case "database":
        return folder(row.database, "SQLite", "database", "database");
      case "key":
        return leaf(row, row.key, "key", "symbol-key", "spindle.openKey");
      case "table":
        return leaf(row, row.table, "table", "table", "spindle.openTable");
      case "more": {
        const item = new TreeItem(`only the first ${row.shown} keys are shown`);
        item.iconPath = new ThemeIcon("ellipsis");
        return item;
      }
    }
  }
}

export function registerState(session: Session, view: StateView): Disposable[] {
  const on = (name: string, doing: string, work: (row: Row, host: Connection) => Promise<void>) =>
    commands.registerCommand(`spindle.${name}`, (row: Row) =>
      telling(doing, async () => {
        const host = session.hosts.current?.connection;
        if (host !== undefined) {
          await work(row, host);
        }
      }),
    );
  const documents = new StateDocuments(session.hosts);
  const show = async (row: Row): Promise<void> => {
    if (row.kind === "key" || row.kind === "table") {
      await documents.show(row);
    }
  };
  const changing =
    (work: (row: Row, host: Connection) => Promise<void>) =>
    async (row: Row, host: Connection): Promise<void> => {
      await work(row, host);
      view.refresh();
      documents.refresh();
    };
  return [
    workspace.registerTextDocumentContentProvider(STATE_SCHEME, documents),
    on("openKey", "Open", show),
    on("openTable", "Open", show),
    on("setKey", "Set", changing(setKey)),
    on("deleteKey", "Delete", changing(deleteKey)),
    on(
      "runSql",
      "SQL",
      changing(async (row, host) => {
        if (row.kind === "database" || row.kind === "table") {
          await runSql(row, host, documents);
        }
      }),
    ),
  ];
}

async function granted(connection: Connection): Promise<Row[]> {
  const components = await connection.call<Grants[]>("app/components");
  const all = (labels: readonly string[][]): string[] => [...new Set(labels.flat())].sort();
  const stores = all(components.map(({ grants }) => [...grants.key_value_stores]));
  const databases = all(components.map(({ grants }) => [...grants.sqlite_databases]));
  return [
    ...stores.map((store): Row => ({ kind: "store", store })),
    ...databases.map((database): Row => ({ kind: "database", database })),
  ];
}

async function keysOf(connection: Connection, store: string): Promise<Row[]> {
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { keys: string[]; cursor: string | null } = await connection.call("kv/list", {
      store,
      cursor,
    });
    keys.push(...page.keys);
    cursor = page.cursor;
  } while (cursor !== null && keys.length < MOST_KEYS);
  const rows = keys.slice(0, MOST_KEYS).map((key): Row => ({ kind: "key", store, key }));
  const cut = cursor !== null || keys.length > MOST_KEYS;
  return cut ? [...rows, { kind: "more", store, shown: rows.length }] : rows;
}

async function tablesOf(connection: Connection, database: string): Promise<Row[]> {
  const found = await query(connection, database, TABLES);
  const names = found.flatMap(({ rows }) => rows).map(([name]) => String(name));
  return names.map((table) => ({ kind: "table", database, table }));
}

async function setKey(row: Row, host: Connection): Promise<void> {
  if (row.kind !== "key" && row.kind !== "store") {
    return;
  }
  const key = row.kind === "key" ? row.key : await window.showInputBox({ prompt: "Key" });
  const now = row.kind === "key" ? await lineOf(host, row) : "";
  const value =
    key && (await window.showInputBox({ prompt: `The new value of ${key}`, value: now }));
  if (key === undefined || value === undefined) {
    return;
  }
  if (await confirmed(`Set \`${key}\` in the store \`${row.store}\`?`, "Set")) {
    await host.call("kv/set", { store: row.store, key, value });
  }
}

/** A value that can be edited in one line. */
async function lineOf(host: Connection, row: Key): Promise<string> {
  const value = await valueOf(host, row);
  return value.includes("\n") || oneLine(value) !== value ? "" : value;
}

/** Show what a query finds; ask before a statement that may change something. */
async function runSql(
  row: Table | { readonly database: string },
  host: Connection,
  documents: StateDocuments,
): Promise<void> {
  const { database } = row;
  const value = "table" in row ? `SELECT * FROM ${quoted(row.table)}` : "";
  const sql = await window.showInputBox({ prompt: `SQL for the database ${database}`, value });
  if (sql === undefined || sql.trim() === "") {
    return;
  }
  if (isQuery(sql)) {
    await documents.show({ kind: "query", database, sql });
  } else if (await confirmed(`Run this on the database \`${database}\`? ${sql}`, "Run")) {
    const results = await query(host, database, sql);
    if (results.some(({ columns }) => columns.length > 0)) {
      await documents.showAnswer(database, results);
    }
    window.setStatusBarMessage(`${counted(changesOf(results), "row")} changed`, SHOWN_MS);
  }
}

async function deleteKey(row: Row, host: Connection): Promise<void> {
  if (
    row.kind === "key" &&
    (await confirmed(`Delete \`${row.key}\` from the store \`${row.store}\`?`, "Delete"))
  ) {
    await host.call("kv/delete", { store: row.store, key: row.key });
  }
}

async function confirmed(question: string, action: string): Promise<boolean> {
  return (
    (await window.showWarningMessage(forMessage(question), { modal: true }, action)) === action
  );
}

function folder(label: string, note: string, icon: string, context: string): TreeItem {
  const item = new TreeItem(oneLine(label), TreeItemCollapsibleState.Collapsed);
  item.id = `${context} ${label}`;
  item.description = note;
  item.iconPath = new ThemeIcon(icon);
  item.contextValue = context;
  return item;
}

function leaf(row: Row, label: string, context: string, icon: string, command: string): TreeItem {
  const item = new TreeItem(oneLine(label));
  item.iconPath = new ThemeIcon(icon);
  item.contextValue = context;
  item.command = { command, title: "Open", arguments: [row] };
  return item;
}
