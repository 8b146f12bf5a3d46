// Pages: what guests said is escaped text, whatever it is. None runs a script but that of pages
// that are drawn again and again.
import { randomBytes } from "node:crypto";

export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

const STYLE = `
body { font-family: var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 1rem; }
h1 { font-size: 1.2rem; font-weight: 600; }
h2 { font-size: 1rem; font-weight: 600; margin-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 2px 8px 2px 0; white-space: nowrap; font-weight: normal; }
th { color: var(--vscode-descriptionForeground); }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.bar { width: 50%; }
tr:focus-within, tr:hover { background: var(--vscode-list-hoverBackground); }
code { font-family: var(--vscode-editor-font-family); }
svg { width: 100%; height: 14px; display: block; }
rect.wait { fill: var(--vscode-charts-lines); opacity: 0.25; }
rect.work { fill: var(--vscode-charts-blue); }
rect.bad { fill: var(--vscode-charts-red); }
.note { color: var(--vscode-descriptionForeground); }
`;

/** Draws what it is sent, and leaves the row focused that was. */
const REDRAW = `
addEventListener("message", ({ data }) => {
  const rows = () => [...document.querySelectorAll("tr[tabindex]")];
  const at = rows().indexOf(document.activeElement);
  document.querySelector("main").innerHTML = data;
  rows()[at]?.focus({ preventScroll: true });
});
`;

/** A whole page around a body of HTML; a live one draws the bodies that are posted to it. */
export function page(title: string, body: string, live = false): string {
  const nonce = randomBytes(16).toString("base64url");
  const scripts = live ? `; script-src 'nonce-${nonce}'` : "";
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'${scripts}`;
  const script = live ? `<script nonce="${nonce}">${REDRAW}</script>` : "";
  return [
    "<!DOCTYPE html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>${escaped(title)}</title>`,
    `<style nonce="${nonce}">${STYLE}</style></head>`,
    `<body><h1>${escaped(title)}</h1><main>${body}</main>${script}</body></html>`,
  ].join("\n");
}

/** A bar from `from` to `to`, shares of the whole width. */
export function bar(from: number, to: number, kind: "wait" | "work" | "bad", said: string): string {
  const x = 100 * Math.min(1, Math.max(0, from));
  const width = Math.max(0.4, 100 * Math.min(1, Math.max(0, to)) - x);
  return [
    `<svg viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label="${escaped(said)}">`,
    '<rect class="wait" x="0" y="6" width="100" height="2"/>',
    `<rect class="${kind}" x="${x.toFixed(2)}" y="1" width="${width.toFixed(2)}" height="12"/></svg>`,
  ].join("");
}
