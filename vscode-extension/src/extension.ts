// Where everything is put together; nothing runs in a workspace that is not trusted.
import { ExtensionContext, tasks, window, workspace } from "vscode";
import { Apps } from "./apps";
import { showBuilds } from "./builds";
import { registerExchanges } from "./commands/exchanges";
import { registerRunning } from "./commands/running";
import { ExchangeDocuments, SCHEME } from "./documents";
import { Exchanges } from "./exchanges";
import { Hosts } from "./hosts";
import { Finding } from "./finding";
import type { Session } from "./session";
import { settingsOf } from "./settings";
import { showStatus } from "./status";
import { Tasks } from "./tasks";
import { ComponentsView } from "./views/components";
import { ExchangesView } from "./views/exchanges";
import { RoutesView } from "./views/routes";
import { StateView, registerState } from "./views/state";
import { registerSending } from "./http/sending";
import { Explorer } from "./testing/explorer";
import { Notebooks } from "./notebooks/controller";
import { showTraps } from "./traps";
import { forMessage } from "./wording";
import { registerPanels } from "./webview/panels";

export function activate(context: ExtensionContext): void {
  if (workspace.isTrusted) {
    begin(context);
  } else {
    context.subscriptions.push(
      workspace.onDidGrantWorkspaceTrust(() => {
        begin(context);
      }),
    );
  }
}

function begin(context: ExtensionContext): void {
  const log = window.createOutputChannel("Spindle", { log: true });
  const apps = new Apps();
  const hosts = new Hosts((why) => {
    log.warn(why);
    void window.showWarningMessage(forMessage(why));
  });
  const finding = new Finding(log);
  const exchanges = new Exchanges(hosts, () => settingsOf().exchangesLimit);
  const documents = new ExchangeDocuments(hosts);
  const program = () => finding.program();
  const session: Session = { log, hosts, exchanges, documents, program };
  const state = new StateView(hosts);
  context.subscriptions.push(
    log,
    apps,
    hosts,
    finding,
    exchanges,
    showStatus(hosts, apps),
    showBuilds(hosts),
    workspace.registerTextDocumentContentProvider(SCHEME, documents),
    new ExchangesView(exchanges).register("spindle.exchanges"),
    new RoutesView(hosts).register("spindle.routes"),
    new ComponentsView(hosts).register("spindle.components"),
    tasks.registerTaskProvider("spindle", new Tasks(program)),
    ...registerRunning(session),
    ...registerExchanges(session),
    ...registerSending(session),
    ...registerPanels(session),
    new Explorer(program),
    new Notebooks(session),
    state.register("spindle.state"),
    ...registerState(session, state),
    showTraps(exchanges, documents, () => hosts.folder),
  );
  apps.onChanged((folders) => {
    hosts.follow((workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath));
    if (folders.length > 0) {
      void finding.start();
    }
  });
  void apps.look();
}
