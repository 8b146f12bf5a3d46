// The panels that show pages.
import { Disposable, ViewColumn, WebviewPanel, commands, window } from "vscode";
import { onExchange } from "../commands/chosen";
import type { Stats } from "../control/answers";
import { Session, runningHost, telling } from "../session";
import { chartsBody, chartsPage } from "./charts";
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
  const shown = panel("spindle.charts", "Spindle: figures", true);
  const draw = async (anew: boolean): Promise<void> => {
    const connection = session.hosts.current?.connection;
    if (shown.visible && connection !== undefined) {
      const stats = await connection.call<Stats>("stats/get");
      if (anew) {
        shown.webview.html = chartsPage(stats);
      } else {
        await shown.webview.postMessage(chartsBody(stats));
      }
    }
  };
  let wasVisible = true;
  const redraw = (anew: boolean): void => {
    draw(anew).catch(() => undefined); // the host went away; the next one is asked
  };
  const timer = setInterval(redraw, EVERY_MS, false);
  shown.onDidChangeViewState(() => {
    if (shown.visible && !wasVisible) {
      redraw(true); // its page is lost while it is hidden
    }
    wasVisible = shown.visible;
  });
  shown.onDidDispose(() => {
    clearInterval(timer);
  });
  await draw(true);
}

function panel(type: string, title: string, enableScripts = false): WebviewPanel {
  return window.createWebviewPanel(type, title, ViewColumn.Beside, {
    enableScripts,
    localResourceRoots: [],
  });
}
