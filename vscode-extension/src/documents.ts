// Exchanges as documents that an editor shows: `spindle:/<id>/<part>`.
import {
  EventEmitter,
  TextDocumentContentProvider,
  Uri,
  ViewColumn,
  window,
  workspace,
} from "vscode";
import type { Exchange } from "./control/answers";
import type { Hosts } from "./hosts";
import { PARTS, Part, textOf } from "./rendering";

export const SCHEME = "spindle";

/** Where a part of an exchange is; the last word names its language. */
export function uriOf(id: string, part: Part): Uri {
  return Uri.from({ scheme: SCHEME, path: `/${id}/${part}` });
}

export class ExchangeDocuments implements TextDocumentContentProvider {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly kept = new Map<string, Exchange>();

  constructor(private readonly hosts: Hosts) {}

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const [, id = "", part = ""] = uri.path.split("/");
    return textOf(await this.get(id), partOf(part));
  }

  /** An exchange, kept so that it can be read when its host is gone. */
  async get(id: string): Promise<Exchange> {
    const known = this.kept.get(id);
    if (known !== undefined) {
      return known;
    }
    const connection = this.hosts.current?.connection;
    if (connection === undefined) {
      throw new Error("no host runs that has this exchange: start the application");
    }
    const exchange = await connection.call<Exchange>("exchange/get", { id });
    this.keep(exchange);
    return exchange;
  }

  keep(exchange: Exchange): void {
    this.kept.set(exchange.id, exchange);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > MOST_KEPT && oldest !== undefined) {
      this.kept.delete(oldest);
    }
  }

  async show(id: string, part: Part, beside = false): Promise<void> {
    const document = await workspace.openTextDocument(uriOf(id, part));
    await window.showTextDocument(document, {
      preview: true,
      ...(beside ? { viewColumn: ViewColumn.Beside } : {}),
    });
  }
}

const MOST_KEPT = 200;

function partOf(name: string): Part {
  const part = PARTS.find((part) => part === name);
  if (part === undefined) {
    throw new Error(`an exchange has no part \`${name}\``);
  }
  return part;
}
