// How figures are said.

export function duration(microseconds: number | null): string {
  if (microseconds === null) {
    return "…";
  }
  if (microseconds < 1000) {
    return `${microseconds.toFixed(0)} µs`;
  }
  const milliseconds = microseconds / 1000;
  return milliseconds < 1000
    ? `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}

export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toFixed(unit === 0 || size >= 10 ? 0 : 1)} ${units[unit] ?? ""}`;
}

/** `1 row`, `2 rows`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Text of a guest for one line of a view: no control characters, not too long. */
export function oneLine(text: string, longest = 200): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "�");
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}

/** The same for a notification, which would make a link of `[text](command:…)`. */
export function forMessage(text: string): string {
  return oneLine(text.trim().replace(/\s*\n\s*/g, " · "), 500).replaceAll("](", "] (");
}
