import assert from "node:assert/strict";
import { test } from "node:test";

import { moveBar, SMALLEST } from "./split-sizes.ts";

test("a moved bar takes from one neighbour what it gives the other", () => {
  const moved = moveBar([0.3, 0.4, 0.3], 0, 0.1);
  assert.deepEqual(moved.map((size) => Math.round(size * 100)), [40, 30, 30]);
});

test("no panel is squeezed below the smallest share, in either direction", () => {
  assert.ok(Math.abs((moveBar([0.3, 0.4, 0.3], 1, 1)[2] ?? 0) - SMALLEST) < 1e-9);
  assert.ok(Math.abs((moveBar([0.3, 0.4, 0.3], 1, -1)[1] ?? 0) - SMALLEST) < 1e-9);
});
