// How the application fares: each route's rate and latency; pure.
import type { Figures, Stats } from "../control/answers";
import { duration } from "../wording";
import { bar, escaped, page } from "./page";

export function chartsPage(stats: Stats): string {
  return page("How the application fares", chartsBody(stats), true);
}

export function chartsBody(stats: Stats): string {
  const rows = stats.routes.map((route) => ({ ...route, name: route.route }));
  const components = stats.components.map((component) => ({ ...component, name: component.id }));
  return `<h2>Routes</h2>${table(rows)}<h2>Components</h2>${table(components)}`;
}

type Named = Figures & { readonly name: string };

function table(rows: readonly Named[]): string {
  const most = Math.max(1, ...rows.map((row) => row.p99 ?? 0));
  const head = ["Requests", "Errors", "A second", "p50", "p99"]
    .map((name) => `<th scope="col" class="number">${name}</th>`)
    .join("");
  const body = rows.map((row) => rowOf(row, most)).join("");
  return `<table><thead><tr><th></th>${head}<th></th></tr></thead><tbody>${body}</tbody></table>`;
}

function rowOf(row: Named, most: number): string {
  const cells = [
    String(row.count),
    String(row.errors),
    row.rate.toFixed(1),
    duration(row.p50),
    duration(row.p99),
  ].map((cell) => `<td class="number">${cell}</td>`);
  const said = `half within ${duration(row.p50)}, 99 of 100 within ${duration(row.p99)}`;
  const share = bar((row.p50 ?? 0) / most, (row.p99 ?? 0) / most, "work", said);
  const name = `<td><code>${escaped(row.name)}</code></td>`;
  return `<tr tabindex="0">${name}${cells.join("")}<td class="bar">${share}</td></tr>`;
}
