// The panels that show pages.
import { Disposable, ViewColumn, WebviewPanel, commands, window } from "vscode";
import { onExchange } from "../commands/chosen";
import type { Stats } from "../control/answers";
import { Session, runningHost, telling } from "../session";
import { chartsPage } from "./charts";
import { waterfallPage } from "./waterfall";

const EVERY_MS = 2000;

export function registerPanels(session: Session): Disposable[] {
  return [
    onExchange(session, "waterfall", "Waterfall", async ({ id }) => {
      const exchange = await session.documents.get(id);
      panel("spindle.waterfall", "Waterfall").webview.html = waterfallPage(exchange);
    }),
    commands.registerCommand("spindle.charts", () => telling("Charts", () => charts(session))),
  ];
}

async function charts(session: Session): Promise<void> {
  if ((await runningHost(session)) === undefined) {
    return;
  }
  const shown = panel("spindle.charts", "Spindle: figures");
  const draw = async (): Promise<void> => {
    const connection = session.hosts.current?.connection;
    if (shown.visible && connection !== undefined) {
      shown.webview.html = chartsPage(await connection.call<Stats>("stats/get"));
    }
  };
  const timer = setInterval(() => {
    draw().catch(() => undefined); // the host went away; the next one is asked
  }, EVERY_MS);
  shown.onDidDispose(() => {
    clearInterval(timer);
  });
  await draw();
}

function panel(type: string, title: string): WebviewPanel {
  return window.createWebviewPanel(type, title, ViewColumn.Beside, {
    enableScripts: false,
    localResourceRoots: [],
  });
}
