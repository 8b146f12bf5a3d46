// Where the time of an exchange went: its phases, and each host call; pure.
import type { Exchange, HostCall, TracedCall } from "../control/answers";
import { duration, oneLine } from "../wording";
import { bar, escaped, page } from "./page";

export function waterfallPage(exchange: Exchange): string {
  const total = Math.max(1, exchange.phases_us["total"] ?? 0);
  const title = oneLine(`${exchange.component ?? exchange.trigger.type}: ${duration(total)}`);
  const phases = Object.entries(exchange.phases_us).filter(([phase]) => phase !== "total");
  let at = 0;
  const phaseRows = phases.map(([phase, took]) => {
    const row = rowOf(phase, at, took, total, false);
    at += took;
    return row;
  });
  const called = exchange.trace ?? exchange.calls;
  const callRows = called.map((call) => {
    const took = call.took ?? total - call.at; // it was under way to the end
    return rowOf(nameOf(call), call.at, took, total, isError(call));
  });
  const calls =
    callRows.length === 0
      ? '<p class="note">The guest called nothing of the host that is kept.</p>'
      : table("Call", callRows);
  return page(title, `<h2>Phases</h2>${table("Phase", phaseRows)}<h2>Calls</h2>${calls}`);
}

function table(what: string, rows: readonly string[]): string {
  const times = ["Began", "Took"].map((name) => `<th scope="col" class="number">${name}</th>`);
  const head = `<tr><th scope="col">${what}</th>${times.join("")}<th></th></tr>`;
  return `<table><thead>${head}</thead><tbody>${rows.join("")}</tbody></table>`;
}

function rowOf(name: string, at: number, took: number, total: number, bad: boolean): string {
  const shown = oneLine(name, 80);
  const said = `${shown} began at ${duration(at)} and took ${duration(took)}`;
  return [
    `<tr tabindex="0"><td><code>${escaped(shown)}</code></td>`,
    `<td class="number">${duration(at)}</td><td class="number">${duration(took)}</td>`,
    `<td class="bar">${bar(at / total, (at + took) / total, bad ? "bad" : "work", said)}</td></tr>`,
  ].join("");
}

function nameOf(call: HostCall | TracedCall): string {
  const of = call.dependency === null ? "" : ` (${call.dependency})`;
  return `${call.interface}#${call.func}${of}`;
}

export function isError(call: HostCall | TracedCall): boolean {
  const { result } = call;
  const failed = typeof result === "object" && result !== null && "error" in result;
  return failed || "trap" in call;
}
