import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange, Stats } from "../src/control/answers";
import { fenced, hexdump, textOf } from "../src/rendering";
import { chartsPage } from "../src/webview/charts";
import { waterfallPage } from "../src/webview/waterfall";
import { bytes, duration, oneLine } from "../src/wording";

const HOSTILE = "<script>alert(1)</script>\u001b[31m```\n# heading";

const exchange: Exchange = {
  v: 1,
  id: "0123456789abcdef012345",
  parent: null,
  replay_of: null,
  build: "0123456789ab",
  component: HOSTILE,
  instance: 1,
  trigger: { type: "http", target: "/..." },
  input: {
    method: "GET",
    scheme: "http",
    authority: "a.test",
    path_with_query: "/a`b",
    headers: [["accept", "*/*"]],
    body: { size: 0, kept: 0, encoding: "utf-8", data: "" },
  },
  output: {
    status: 200,
    headers: [["content-type", "application/json; charset=utf-8"]],
    body: { size: 20, kept: 9, encoding: "utf-8", data: '{"a":[1]}' },
  },
  phases_us: { guest: 900, total: 1000 },
  calls: [
    {
      interface: HOSTILE,
      func: "get",
      dependency: null,
      at: 100,
      took: 400,
      args: ["k"],
      result: { error: "no" },
    },
  ],
  logs: [{ stream: "stdout", at: 1, text: "one" }],
  trap: null,
  traceback: null,
  truncated: ["output.body"],
};

test("JSON is indented, and what is missing is said", () => {
  const text = textOf(exchange, "response.http");
  assert.match(text, /"a": \[\n\s+1\n/);
  assert.match(text, /11 B were not kept/);
});

test("text of guests cannot end the block it is in", () => {
  assert.equal(fenced("a\n````\nb", "text"), "`````text\na\n````\nb\n`````");
  const overview = textOf(exchange, "exchange.md");
  assert.match(overview, /^# `GET \/a b`/);
});

test("a waterfall holds no markup of guests, and no script", () => {
  const page = waterfallPage(exchange);
  assert.ok(!page.includes("<script>"));
  assert.ok(!page.includes("\u001b"));
  assert.match(page, /default-src 'none'/);
  assert.match(page, /class="bad"/);
});

test("figures hold no markup of guests, and the script that draws them anew", () => {
  const figures = { count: 1, errors: 0, rate: 0.1, p50: 10, p90: 10, p99: 20, max: 20 };
  const component = { ...figures, id: HOSTILE };
  const page = chartsPage({ routes: [], components: [component] } as unknown as Stats);
  assert.deepEqual(
    [...page.matchAll(/<script( nonce)?/g)].map(([tag]) => tag),
    ["<script nonce"],
  );
  assert.ok(page.includes("&lt;script&gt;"));
});

test("all that a guest called is shown where it was traced", () => {
  const traced = {
    interface: "wasi:http/types@0.2.0",
    func: "[method]fields.get",
    dependency: null,
    at: 10,
    args: [{ resource: "fields" }, "accept"],
    result: ["*/*"],
  };
  const trace = [
    { ...traced, took: 5 },
    { ...traced, took: null, trap: "it is gone" },
  ];
  const text = textOf({ ...exchange, trace }, "trace.log");
  assert.match(text, /\[method\]fields\.get\(\{"resource":"fields"\}, "accept"\) -> \["\*\/\*"\]/);
  assert.match(text, /… {2}wasi.*trapped: it is gone$/);
  assert.match(textOf({ ...exchange, trace }, "exchange.md"), /## All calls of the guest/);
  assert.match(waterfallPage({ ...exchange, trace }), /class="bad"/);
});

test("bytes are shown in hex beside their text", () => {
  assert.equal(
    hexdump(Uint8Array.from([0, 65, 255])).trim(),
    "00000000  00 41 ff".padEnd(59) + ".A.",
  );
});

test("figures are said briefly", () => {
  assert.deepEqual([999, 1500, 25_000, 2_500_000].map(duration), [
    "999 µs",
    "1.5 ms",
    "25 ms",
    "2.5 s",
  ]);
  assert.deepEqual([0, 999, 1500, 25_000_000].map(bytes), ["0 B", "999 B", "1.5 kB", "25 MB"]);
  assert.equal(oneLine("a\u001b[2Jb\u202ec\n"), "a�[2Jb�c�");
});
