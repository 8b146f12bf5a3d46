// Sends requests to the host, and shows what came back beside.
import {
  CodeLens,
  CodeLensProvider,
  Disposable,
  Range,
  TextDocument,
  Uri,
  commands,
  languages,
  window,
  workspace,
} from "vscode";
import { onExchange } from "../commands/chosen";
import { openPath } from "../commands/running";
import { Exchange, asHttp } from "../control/answers";
import type { Part } from "../rendering";
import { Session, runningHost, telling } from "../session";
import { HttpRequest, parseHttpFile, targetOf } from "./parsing";

const HTTP_FILES = [{ scheme: "file", pattern: "**/*.{http,rest}" }, { language: "spindle-http" }];
const SET_BY_TRANSPORT = new Set(["host", "content-length", "connection", "transfer-encoding"]);

/** What the server's lenses say of a trigger. */
interface OfLens {
  readonly trigger: string;
  readonly route: string | null;
  readonly type?: string;
}

interface Fired {
  readonly exchanges: readonly Exchange[];
  readonly response?: unknown;
}

export function registerSending(session: Session): Disposable[] {
  return [
    languages.registerCodeLensProvider(HTTP_FILES, new SendLenses()),
    commands.registerCommand("spindle.sendFromFile", (uri: Uri, line: number) =>
      telling("Send", () => sendFromFile(session, uri, line)),
    ),
    commands.registerCommand("spindle.sendRequest", (at?: unknown, of?: OfLens) =>
      telling("Send", () => sendTo(session, uriOf(at), of)),
    ),
    onExchange(session, "editAndReplay", "Edit and replay", ({ id }) => edit(session, id)),
    commands.registerCommand("spindle.openRoute", (at: unknown, of: OfLens) =>
      telling("Open", () => openRoute(session, uriOf(at), of)),
    ),
    commands.registerCommand("spindle.showExchanges", (at: unknown, of: OfLens) =>
      telling("Show", async () => {
        const host = await runningHost(session, uriOf(at));
        if (host !== undefined && host !== session.hosts.current) {
          session.hosts.choose(host);
        }
        await commands.executeCommand("spindle.exchanges.focus");
        await session.exchanges.filter(of.route === null ? "" : `route:"${of.route}"`);
      }),
    ),
  ];
}

/** The file that a command is about: lenses of the server name theirs. */
function uriOf(at: unknown): Uri | undefined {
  return at instanceof Uri ? at : typeof at === "string" ? Uri.parse(at) : undefined;
}

class SendLenses implements CodeLensProvider {
  provideCodeLenses(document: TextDocument): CodeLens[] {
    return parseHttpFile(document.getText()).map(
      ({ line, name }) =>
        new CodeLens(new Range(line, 0, line, 0), {
          title: name === "" ? "$(play) Send" : `$(play) Send: ${name}`,
          command: "spindle.sendFromFile",
          arguments: [document.uri, line],
        }),
    );
  }
}

async function sendFromFile(session: Session, uri: Uri, line: number): Promise<void> {
  const document = await workspace.openTextDocument(uri);
  const request = parseHttpFile(document.getText()).find((each) => each.line === line);
  if (request !== undefined) {
    await send(session, request, uri);
  }
}

/** Send to a trigger: at once where there is nothing to ask. */
async function sendTo(
  session: Session,
  at: Uri | undefined,
  of: OfLens | undefined,
): Promise<void> {
  if (of?.type !== undefined && of.type !== "http") {
    await fire(session, at, of.type, of.trigger);
    return;
  }
  const route = of?.route ?? "/...";
  const path = samplePath(route);
  const line =
    path === route
      ? `GET ${path}`
      : await window.showInputBox({
          prompt: `A request to ${route}`,
          value: `GET ${path}`,
          valueSelection: [4 + path.length, 4 + path.length],
        });
  const [request] = line === undefined ? [] : parseHttpFile(line);
  if (request !== undefined) {
    await send(session, request, at);
  }
}

export function samplePath(route: string): string {
  const path = route.replace(/\/?\.\.\.$/, "/").replace(/:\w+/g, "1");
  return path.startsWith("/") ? path : `/${path}`;
}

async function fire(
  session: Session,
  at: Uri | undefined,
  type: string,
  target: string,
): Promise<void> {
  const payload = await window.showInputBox({ prompt: `What ${type} ${target} is given` });
  const host = payload === undefined ? undefined : await runningHost(session, at);
  if (host !== undefined) {
    show(session, await host.connection.call<Fired>("trigger/fire", { type, target, payload }));
  }
}

async function send(session: Session, request: HttpRequest, at: Uri | undefined): Promise<void> {
  const host = await runningHost(session, at);
  if (host === undefined) {
    return;
  }
  const { path, authority } = targetOf(request.url);
  const headers = request.headers.filter(([name]) => !SET_BY_TRANSPORT.has(name.toLowerCase()));
  const fired = await host.connection.call<Fired>("trigger/fire", {
    type: "http",
    target: path,
    method: request.method,
    headers: authority === undefined ? headers : [["host", authority], ...headers],
    payload: request.body,
  });
  show(session, fired);
}

function show(session: Session, fired: Fired): void {
  const [exchange] = fired.exchanges;
  if (exchange === undefined) {
    const answered = asHttp(fired.response);
    const status = answered?.status ?? "nothing";
    void window.showInformationMessage(`The host itself answered ${status}: no guest was asked.`);
    return;
  }
  session.documents.keep(exchange);
  const part: Part = exchange.trap === null ? "response.http" : "exchange.md";
  void telling("Show", () => session.documents.show(exchange.id, part, true));
}

/** Open an exchange's request to be changed and sent. */
async function edit(session: Session, id: string): Promise<void> {
  const host = await runningHost(session);
  if (host === undefined) {
    return;
  }
  const whole = { ids: [id], format: "http", secrets: true };
  const { text } = await host.connection.call<{ text: string }>("exchange/export", whole);
  const document = await workspace.openTextDocument({ content: text, language: "spindle-http" });
  await window.showTextDocument(document);
}

async function openRoute(session: Session, at: Uri | undefined, of: OfLens): Promise<void> {
  const host = await runningHost(session, at);
  if (host !== undefined) {
    await openPath(host, samplePath(of.route ?? "/"));
  }
}
