// The text of an exchange, whole or in part; pure.
import {
  BodyCopy,
  Exchange,
  Frame,
  HostCall,
  HttpMessage,
  TracedCall,
  asHttp,
} from "./control/answers";
import { bytes, duration, oneLine } from "./wording";

export const PARTS = [
  "exchange.md",
  "request.http",
  "response.http",
  "logs.log",
  "calls.log",
  "trace.log",
] as const;
export type Part = (typeof PARTS)[number];

export function textOf(exchange: Exchange, part: Part): string {
  switch (part) {
    case "exchange.md":
      return overview(exchange);
    case "request.http":
      return messageText(exchange.input);
    case "response.http":
      return messageText(exchange.output);
    case "logs.log":
      return exchange.logs.map((line) => line.text).join("\n");
    case "calls.log":
      return exchange.calls.map(callText).join("\n");
    case "trace.log":
      return (exchange.trace ?? []).map(callText).join("\n");
  }
}

function overview(exchange: Exchange): string {
  const request = asHttp(exchange.input);
  const title =
    request === undefined
      ? `${exchange.trigger.type} ${exchange.trigger.target}`
      : firstLine(request);
  const sections: [string, string][] = [
    ["Request", fenced(messageText(exchange.input), "http")],
    ["Response", fenced(messageText(exchange.output), "http")],
    ["Trap", exchange.trap === null ? "" : fenced(trapText(exchange), "text")],
    ["Logs", fenced(textOf(exchange, "logs.log"), "text")],
    ["Host calls", fenced(textOf(exchange, "calls.log"), "text")],
    ["All calls of the guest", fenced(textOf(exchange, "trace.log"), "text")],
  ];
  const facts = [
    `component ${exchange.component ?? "none"}`,
    `build ${exchange.build ?? "unknown"}`,
    `instance ${exchange.instance ?? "none"}`,
    ...Object.entries(exchange.phases_us).map(([phase, us]) => `${phase} ${duration(us)}`),
  ];
  const shown = sections.filter(([, text]) => text !== "");
  return [
    `# ${inCode(title)}`,
    facts.join(" · "),
    ...shown.map(([name, text]) => `## ${name}\n\n${text}`),
    "",
  ].join("\n\n");
}

function trapText(exchange: Exchange): string {
  const trap = exchange.trap;
  if (trap === null) {
    return "";
  }
  const traceback = trap.traceback;
  const own =
    traceback === null
      ? []
      : [`${traceback.language}: ${traceback.message}`, ...traceback.frames.map(frameText)];
  return [trap.reason, ...own, ...trap.frames.map(frameText)].join("\n");
}

function frameText(frame: Frame): string {
  const at = frame.file === null ? "" : ` at ${frame.file}:${frame.line ?? 0}`;
  return `  ${frame.function}${at}`;
}

export function messageText(message: unknown): string {
  if (message === null || message === undefined) {
    return "";
  }
  const http = asHttp(message);
  if (http === undefined) {
    return JSON.stringify(message, undefined, 2);
  }
  const headers = http.headers.map(([name, value]) => `${name}: ${value}`);
  return [firstLine(http), ...headers, "", bodyText(http)].join("\n");
}

function firstLine(http: HttpMessage): string {
  return http.status === undefined
    ? `${http.method ?? ""} ${http.path_with_query ?? ""}`
    : `HTTP ${http.status}`;
}

/** A body to be read: JSON indented, other text as it is, other bytes in hex. */
export function bodyText({ body, headers }: HttpMessage): string {
  const cut = body.kept < body.size ? `\n… ${bytes(body.size - body.kept)} were not kept` : "";
  return `${contentText(body, contentType(headers))}${cut}`;
}

function contentText(body: BodyCopy, type: string): string {
  if (body.encoding === "base64") {
    return hexdump(Buffer.from(body.data, "base64"));
  }
  if (/[/+]json\b/.test(type)) {
    try {
      return JSON.stringify(JSON.parse(body.data), undefined, 2);
    } catch {
      return body.data;
    }
  }
  return body.data;
}

export function contentType(headers: HttpMessage["headers"]): string {
  return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}

/** Characters of a call that are shown. */
const LONGEST = 2000;
const ROW = 16;

export function hexdump(data: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += ROW) {
    const row = [...data.subarray(at, at + ROW)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."));
    rows.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(ROW * 3)} ${text.join("")}`);
  }
  return rows.join("\n");
}

function callText(call: HostCall | TracedCall): string {
  const times = `${duration(call.at).padStart(9)} ${duration(call.took).padStart(9)}`;
  const args = (Array.isArray(call.args) ? call.args : [call.args]).map(valueText).join(", ");
  const trap = "trap" in call ? call.trap : undefined;
  const came = trap === undefined ? `-> ${valueText(call.result)}` : `trapped: ${trap}`;
  const by = call.dependency === null ? "" : ` (${call.dependency})`;
  return oneLine(`${times}  ${call.interface}#${call.func}(${args}) ${came}${by}`, LONGEST);
}

function valueText(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value);
}

/** A Markdown code block that its text cannot end. */
export function fenced(text: string, language: string): string {
  if (text === "") {
    return "";
  }
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}${language}\n${text}\n${fence}`;
}

function inCode(text: string): string {
  return `\`${text.replace(/[`\r\n]/g, " ")}\``;
}
