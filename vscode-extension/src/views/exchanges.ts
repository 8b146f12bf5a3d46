// The live list of exchanges.
import {
  EventEmitter,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeDataProvider,
  TreeItem,
} from "vscode";
import { Summary, isFailed } from "../control/answers";
import type { Exchanges } from "../exchanges";
import { bytes, duration, oneLine } from "../wording";

export class ExchangesView implements TreeDataProvider<Summary> {
  private readonly changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly exchanges: Exchanges) {
    exchanges.onChanged(() => {
      this.changed.fire(undefined);
    });
  }

  getChildren(parent?: Summary): Summary[] {
    return parent === undefined ? [...this.exchanges.list] : [];
  }

  getTreeItem(summary: Summary): TreeItem {
    const item = new TreeItem(oneLine(labelOf(summary)));
    item.id = summary.id;
    item.description = descriptionOf(summary);
    item.iconPath = iconOf(summary);
    item.contextValue = summary.trigger === "http" ? "exchange.http" : "exchange";
    item.tooltip = tooltipOf(summary);
    item.command = { command: "spindle.openExchange", title: "Open", arguments: [summary] };
    item.accessibilityInformation = { label: `${labelOf(summary)}, ${descriptionOf(summary)}` };
    return item;
  }
}

export function labelOf(summary: Summary): string {
  return summary.method === null
    ? `${summary.trigger} ${summary.target}`
    : `${summary.method} ${summary.path ?? ""}`;
}

export function descriptionOf(summary: Summary): string {
  const outcome = summary.trap === null ? String(summary.status ?? "") : "trap";
  const parts = [outcome, duration(summary.took), summary.component ?? ""];
  return oneLine(parts.filter((part) => part !== "").join(" · "));
}

function iconOf(summary: Summary): ThemeIcon {
  if (summary.took === null) {
    return new ThemeIcon("loading~spin");
  }
  if (isFailed(summary)) {
    return new ThemeIcon("error", new ThemeColor("list.errorForeground"));
  }
  if ((summary.status ?? 0) >= 400) {
    return new ThemeIcon("warning", new ThemeColor("list.warningForeground"));
  }
  return new ThemeIcon(summary.replay_of === null ? "pass" : "debug-restart");
}

function tooltipOf(summary: Summary): MarkdownString {
  const text = new MarkdownString();
  const lines = [
    labelOf(summary),
    `${new Date(summary.at * 1000).toLocaleTimeString()} · ${descriptionOf(summary)}`,
    `${bytes(summary.received)} in, ${bytes(summary.sent)} out, ${summary.calls} host calls`,
    ...(summary.trap === null ? [] : [summary.trap]),
  ];
  for (const line of lines) {
    text.appendText(`${oneLine(line)}\n`);
  }
  return text;
}
