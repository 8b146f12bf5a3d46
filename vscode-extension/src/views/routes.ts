// The routes, each with its figures.
import { ThemeIcon, TreeItem } from "vscode";
import type { Figures, Route, Stats } from "../control/answers";
import type { Connection } from "../control/connection";
import { counted, duration, oneLine } from "../wording";
import { PolledView } from "./polled";

interface Row {
  readonly route: Route;
  readonly figures: Figures | undefined;
}

export class RoutesView extends PolledView<Row> {
  protected override async childrenOf(
    parent: Row | undefined,
    connection: Connection,
  ): Promise<Row[]> {
    if (parent !== undefined) {
      return [];
    }
    const [routes, stats] = await Promise.all([
      connection.call<Route[]>("app/routes"),
      connection.call<Stats>("stats/get"),
    ]);
    const figures = new Map(stats.routes.map((row) => [row.id, row]));
    return routes.map((route) => ({ route, figures: figures.get(route.id) }));
  }

  override getTreeItem({ route, figures }: Row): TreeItem {
    const item = new TreeItem(oneLine(patternOf(route)));
    item.id = `${route.id} ${route.route}`;
    item.description = [route.component ?? route.id, figuresOf(figures)].join(" · ");
    item.iconPath = new ThemeIcon("symbol-interface");
    item.contextValue = "route";
    return item;
  }
}

export function patternOf(route: Route): string {
  return route.wildcard ? `${route.route.replace(/\/$/, "")}/...` : route.route;
}

export function figuresOf(figures: Figures | undefined): string {
  if (figures === undefined || figures.count === 0) {
    return "no requests yet";
  }
  const errors = figures.errors === 0 ? "" : ` · ${counted(figures.errors, "error")}`;
  return `p50 ${duration(figures.p50)} · ${counted(figures.count, "request")}${errors}`;
}
