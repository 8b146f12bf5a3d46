// The live list of exchanges.
import {
  Disposable,
  EventEmitter,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeDataProvider,
  TreeItem,
  commands,
  window,
} from "vscode";
import { Summary, isFailed } from "../control/answers";
import type { Exchanges } from "../exchanges";
import { bytes, duration, oneLine } from "../wording";

export class ExchangesView implements TreeDataProvider<Summary> {
  private readonly changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly exchanges: Exchanges) {}

  /** Show it under an id of `contributes.views`, with its filter and how much failed. */
  register(id: string): Disposable {
    const view = window.createTreeView(id, { treeDataProvider: this, canSelectMany: true });
    const listening = this.exchanges.onChanged(() => {
      const { list, where } = this.exchanges;
      const failed = list.filter(isFailed).length;
      view.description = [where, list.length === 0 ? "" : String(list.length)]
        .filter((part) => part !== "")
        .join(" · ");
      view.badge =
        failed === 0 ? undefined : { value: failed, tooltip: `${failed} exchanges failed` };
      void commands.executeCommand("setContext", "spindle.filtered", where !== "");
      this.changed.fire(undefined);
    });
    return Disposable.from(view, listening, this.changed);
  }

  getChildren(parent?: Summary): Summary[] {
    return parent === undefined ? [...this.exchanges.list] : [];
  }

  getTreeItem(summary: Summary): TreeItem {
    const [label, description] = [oneLine(labelOf(summary)), descriptionOf(summary)];
    const item = new TreeItem(label);
    item.id = summary.id;
    item.description = description;
    item.iconPath = iconOf(summary);
    item.contextValue = summary.trigger === "http" ? "exchange.http" : "exchange";
    item.command = { command: "spindle.openExchange", title: "Open", arguments: [summary] };
    item.accessibilityInformation = { label: `${label}, ${description}` };
    return item;
  }

  resolveTreeItem(item: TreeItem, summary: Summary): TreeItem {
    item.tooltip = tooltipOf(summary);
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

const UNDER_WAY = new ThemeIcon("loading~spin");
const FAILED = new ThemeIcon("error", new ThemeColor("list.errorForeground"));
const REFUSED = new ThemeIcon("warning", new ThemeColor("list.warningForeground"));
const REPLAYED = new ThemeIcon("debug-restart");
const PASSED = new ThemeIcon("pass");

function iconOf(summary: Summary): ThemeIcon {
  if (summary.took === null) {
    return UNDER_WAY;
  }
  if (isFailed(summary)) {
    return FAILED;
  }
  if ((summary.status ?? 0) >= 400) {
    return REFUSED;
  }
  return summary.replay_of === null ? PASSED : REPLAYED;
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
