// What the status bar says of the host, and what menus may offer.
import { Disposable, MarkdownString, StatusBarAlignment, commands, window } from "vscode";
import type { Apps } from "./apps";
import type { Hosts, RunningHost } from "./hosts";
import { oneLine } from "./wording";

export function showStatus(hosts: Hosts, apps: Apps): Disposable {
  const item = window.createStatusBarItem("spindle.status", StatusBarAlignment.Left, 10);
  item.name = "Spindle";
  const show = (): void => {
    const host = hosts.current;
    const manifests = hosts.all.map(({ file }) => file.manifest);
    void commands.executeCommand("setContext", "spindle.running", host !== undefined);
    void commands.executeCommand("setContext", "spindle.several", manifests.length > 1);
    void commands.executeCommand("setContext", "spindle.manifests", manifests);
    item.text = host === undefined ? "$(play) Spindle" : `$(pulse) ${whichOf(host, hosts)}`;
    item.tooltip = host === undefined ? "Start the application" : tooltipOf(host);
    item.command = host === undefined ? "spindle.up" : "spindle.exchanges.focus";
    if (host !== undefined || apps.folders.length > 0) {
      item.show();
    } else {
      item.hide();
    }
  };
  show();
  return Disposable.from(item, hosts.onChanged(show), apps.onChanged(show));
}

function whichOf({ file }: RunningHost, { all }: Hosts): string {
  return all.length > 1
    ? `${addressOf(file.base_url)} (1 of ${all.length})`
    : addressOf(file.base_url);
}

function tooltipOf({ file }: RunningHost): MarkdownString {
  const text = new MarkdownString("", true);
  text.isTrusted = { enabledCommands: ["spindle.open", "spindle.stop", "spindle.choose"] };
  text.appendText(`${oneLine(file.manifest)}\n`);
  text.appendMarkdown(
    "[$(globe) Open](command:spindle.open) · [$(debug-stop) Stop](command:spindle.stop)" +
      " · [$(list-selection) Show another](command:spindle.choose)",
  );
  return text;
}

export function addressOf(url: string): string {
  return url === "" ? "running" : url.replace(/^https?:\/\//, "").replace(/\/$/, "");
}
