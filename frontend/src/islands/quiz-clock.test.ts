import assert from "node:assert/strict";
import { test } from "node:test";

import { clockFace, inWords } from "./quiz-clock.ts";

test("the clock shows minutes and two digits of seconds", () => {
  assert.equal(clockFace(1200), "20:00");
  assert.equal(clockFace(61), "1:01");
  assert.equal(clockFace(0), "0:00");
});

test("what is said aloud counts minutes, then seconds", () => {
  assert.equal(inWords(600), "10 minutes left.");
  assert.equal(inWords(60), "1 minute left.");
  assert.equal(inWords(20), "20 seconds left.");
});
