// Tables of databases, as text; pure.
import { oneLine } from "../wording";

/** What a statement found or did. */
export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** How many rows there are; more than these where they were cut. */
  readonly count: number;
  /** Whether there are not even more. */
  readonly counted: boolean;
  /** How many rows were changed. */
  readonly changes: number | null;
}

/** Those of several statements that found something, below one another. */
export function resultsText(results: readonly Result[]): string {
  return results
    .filter(({ columns }) => columns.length > 0)
    .map(({ columns, rows, count, counted }) => {
      const all = rows.length === count && counted;
      const of = counted ? ` of ${count}` : "";
      return `${tableText(columns, rows)}${all ? "" : `\n… the first ${rows.length}${of} rows`}\n`;
    })
    .join("\n");
}

export function changesOf(results: readonly Result[]): number {
  return results.reduce((sum, { changes }) => sum + (changes ?? 0), 0);
}

/** Whether a statement changes nothing, as far as its first word tells. */
export function isQuery(sql: string): boolean {
  return /^\s*((select|values|explain)\b|pragma\s+\w+\s*;?\s*$)/i.test(sql) && !/;\s*\S/.test(sql);
}

/** A name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Rows as aligned columns. */
export function tableText(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): string {
  const cells = rows.map((row) => row.map((value) => oneLine(cellText(value), 60)));
  const widths = columns.map((name, at) =>
    Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    line(columns),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...cells.map(line),
  ].join("\n");
}

/** A value; other than text as SQL has it. */
function cellText(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  if (typeof value === "object" && value !== null && "blob" in value) {
    return `x'${Buffer.from(String(value.blob), "base64").toString("hex")}'`;
  }
  return value === null ? "NULL" : JSON.stringify(value);
}
