// `.http` files: requests between `###` lines, with `@name = value` and `{{name}}`; pure.

export interface HttpRequest {
  /** The line it begins on, from 0. */
  readonly line: number;
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const VARIABLE = /^@([\w.-]+)\s*=\s*(.*)$/;
const START = /^([A-Z]+)\s+(\S.*?)(?:\s+HTTP\/\S+)?\s*$/;
const HEADER = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/;
const COMMENT = /^\s*(#(?!##)|\/\/)/;

/** The requests of a text; what is none is skipped. */
export function parseHttpFile(text: string): HttpRequest[] {
  const lines = text.split(/\r?\n/);
  const variables = new Map<string, string>();
  const requests: HttpRequest[] = [];
  let begin = 0;
  for (let line = 0; line <= lines.length; line += 1) {
    if (line === lines.length || lines[line]?.startsWith("###") === true) {
      const request = parseBlock(lines, begin, line, variables);
      if (request !== undefined) {
        requests.push(request);
      }
      begin = line;
    }
  }
  return requests;
}

function parseBlock(
  lines: readonly string[],
  begin: number,
  end: number,
  variables: Map<string, string>,
): HttpRequest | undefined {
  const fill = (text: string): string =>
    text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, name: string) => variables.get(name) ?? whole);
  let at = begin;
  const heading = lines[at] ?? "";
  const name = heading.startsWith("###") ? heading.slice(3).trim() : "";
  if (heading.startsWith("###")) {
    at += 1;
  }
  for (; at < end; at += 1) {
    const line = lines[at] ?? "";
    const [, variable, value] = VARIABLE.exec(line) ?? [];
    if (variable !== undefined && value !== undefined) {
      variables.set(variable, fill(value));
    } else if (line.trim() !== "" && !COMMENT.test(line)) {
      break;
    }
  }
  const [, method, url] = START.exec(lines[at] ?? "") ?? [];
  if (at >= end || method === undefined || url === undefined) {
    return undefined;
  }
  const headers: [string, string][] = [];
  let next = at + 1;
  for (; next < end && (lines[next] ?? "").trim() !== ""; next += 1) {
    const [, header, value] = HEADER.exec(lines[next] ?? "") ?? [];
    if (header !== undefined && value !== undefined) {
      headers.push([header, fill(value)]);
    }
  }
  const body = fill(lines.slice(next + 1, end).join("\n")).replace(/\n+$/, "");
  return { line: at, name, method, url: fill(url), headers, body };
}

/** The path and query of a request's URL, and whom it is for if that is said. */
export function targetOf(url: string): { path: string; authority: string | undefined } {
  const [, authority, path] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url) ?? [];
  if (authority === undefined) {
    return { path: url.startsWith("/") ? url : `/${url}`, authority: undefined };
  }
  const rest = path ?? "";
  return { path: rest.startsWith("/") ? rest : `/${rest}`, authority };
}
