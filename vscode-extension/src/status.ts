// What the status bar says of the host, and what menus may offer.
import { Disposable, StatusBarAlignment, commands, window } from "vscode";
import type { Hosts, RunningHost } from "./hosts";

export function showStatus(hosts: Hosts): Disposable {
  const item = window.createStatusBarItem("spindle.status", StatusBarAlignment.Left, 10);
  item.name = "Spindle";
  const show = (host: RunningHost | undefined): void => {
    void commands.executeCommand("setContext", "spindle.running", host !== undefined);
    item.text = host === undefined ? "$(play) Spindle" : `$(pulse) ${at(host.file.base_url)}`;
    item.tooltip = host === undefined ? "Start the application" : "Show the exchanges";
    item.command = host === undefined ? "spindle.up" : "spindle.exchanges.focus";
    item.show();
  };
  show(undefined);
  const listening = hosts.onChanged(show);
  return Disposable.from(item, listening);
}

function at(url: string): string {
  return url === "" ? "running" : url.replace(/^https?:\/\//, "").replace(/\/$/, "");
}
