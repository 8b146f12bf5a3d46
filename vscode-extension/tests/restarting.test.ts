import assert from "node:assert/strict";
import { test } from "node:test";
import { newestOf } from "../src/newest";
import { Restarts } from "../src/restarting";
import { forMessage } from "../src/wording";

test("a server that ends is started again, each time later, and at last no more", () => {
  const restarts = new Restarts();
  const delays = [0, 1, 2, 3, 4, 5].map((now) => restarts.next(now));
  assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, undefined]);
  assert.equal(restarts.next(3_600_000), 250);
});

test("the newest exchanges are kept, each once", () => {
  const named = (ids: string): { id: string }[] => ids.split("").map((id) => ({ id }));
  assert.deepEqual(newestOf(named("dc"), named("cba"), 3), named("dcb"));
});

test("what a guest says makes no link of a notification", () => {
  assert.equal(forMessage("see [this](command:x)\n  now"), "see [this] (command:x) · now");
});
