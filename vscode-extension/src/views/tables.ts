// Tables of databases, as text; pure.
import { oneLine } from "../wording";

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
  const cells = rows.map((row) =>
    row.map((value) => oneLine(typeof value === "string" ? value : JSON.stringify(value), 60)),
  );
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
