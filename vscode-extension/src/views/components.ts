// The components: their builds, imports, exports and instances.
import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from "vscode";
import type { Component } from "../control/answers";
import type { Connection } from "../control/connection";
import { bytes, oneLine } from "../wording";
import { PolledView } from "./polled";

type Part = "imports" | "exports" | "instances";

type Row =
  | { readonly kind: "component"; readonly component: Component }
  | { readonly kind: "part"; readonly component: Component; readonly part: Part }
  | { readonly kind: "line"; readonly text: string; readonly note: string };

const PARTS: readonly Part[] = ["imports", "exports", "instances"];

export class ComponentsView extends PolledView<Row> {
  protected override async childrenOf(
    parent: Row | undefined,
    connection: Connection,
  ): Promise<Row[]> {
    switch (parent?.kind) {
      case undefined: {
        const components = await connection.call<Component[]>("app/components");
        return components.map((component) => ({ kind: "component", component }));
      }
      case "component":
        return PARTS.map((part) => ({ kind: "part", component: parent.component, part }));
      case "part":
        return linesOf(parent.component, parent.part);
      case "line":
        return [];
    }
  }

  override getTreeItem(row: Row): TreeItem {
    switch (row.kind) {
      case "component":
        return componentItem(row.component);
      case "part": {
        const item = new TreeItem(row.part, TreeItemCollapsibleState.Collapsed);
        item.id = `${row.component.id}/${row.part}`;
        item.description = String(row.component[row.part].length);
        return item;
      }
      case "line": {
        const item = new TreeItem(oneLine(row.text));
        item.description = row.note;
        return item;
      }
    }
  }
}

function componentItem(component: Component): TreeItem {
  const item = new TreeItem(oneLine(component.id), TreeItemCollapsibleState.Collapsed);
  item.id = component.id;
  item.description = component.stale
    ? "stale: its sources can't be built"
    : (component.build ?? "");
  item.iconPath = component.stale
    ? new ThemeIcon("warning", new ThemeColor("list.warningForeground"))
    : new ThemeIcon("package");
  item.contextValue = "component";
  return item;
}

function linesOf(component: Component, part: Part): Row[] {
  if (part === "instances") {
    return component.instances.map((instance) => ({
      kind: "line",
      text: `#${instance.number}`,
      note: bytes(instance.memory),
    }));
  }
  return component[part].map((text) => ({ kind: "line", text, note: "" }));
}
