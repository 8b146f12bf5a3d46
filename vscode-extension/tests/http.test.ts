import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHttpFile, targetOf } from "../src/http/parsing";

test("requests lie between separators, with names, headers and bodies", () => {
  const text = [
    "@host = http://127.0.0.1:3000",
    "",
    "### Ask",
    "# a comment",
    "GET {{host}}/a?b=c HTTP/1.1",
    "accept: text/plain",
    "",
    "### Tell",
    "POST /orders",
    "content-type: application/json",
    "x-host: {{host}}",
    "",
    '{"a": 1}',
    "",
    "two lines",
    "",
  ].join("\r\n");
  const [ask, tell, ...rest] = parseHttpFile(text);
  assert.deepEqual(rest, []);
  assert.deepEqual(ask, {
    line: 4,
    name: "Ask",
    method: "GET",
    url: "http://127.0.0.1:3000/a?b=c",
    headers: [["accept", "text/plain"]],
    body: "",
  });
  assert.equal(tell?.body, '{"a": 1}\n\ntwo lines');
  assert.deepEqual(tell.headers[1], ["x-host", "http://127.0.0.1:3000"]);
});

test("what is no request is skipped, and unknown variables stay", () => {
  assert.deepEqual(parseHttpFile("hello\n###\n\n### x\n# nothing\n"), []);
  assert.equal(parseHttpFile("GET /{{who}}")[0]?.url, "/{{who}}");
});

test("targets are paths, with whom they are for", () => {
  assert.deepEqual(targetOf("https://a.test:8/b?c#d"), { path: "/b?c", authority: "a.test:8" });
  assert.deepEqual(targetOf("http://a.test?c"), { path: "/?c", authority: "a.test" });
  assert.deepEqual(targetOf("b/c"), { path: "/b/c", authority: undefined });
});
