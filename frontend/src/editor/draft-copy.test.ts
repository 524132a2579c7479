import assert from "node:assert/strict";
import { test } from "node:test";

import { readCopy, worthOffering } from "./draft-copy.ts";

const server = { "a.cpp": "int main() {}", "a.h": "" };

test("a copy typed after the last save is offered", () => {
  const copy = { at: "2026-01-02T10:00:00Z", files: { "a.cpp": "int main() { return 1; }" } };
  assert.equal(worthOffering(copy, server, "2026-01-02T09:59:00Z"), true);
  assert.equal(worthOffering(copy, server, ""), true);
});

test("a copy older than the saved draft is not offered", () => {
  const copy = { at: "2026-01-02T10:00:00Z", files: { "a.cpp": "old" } };
  assert.equal(worthOffering(copy, server, "2026-01-02T10:01:00Z"), false);
});

test("a copy that says the same as the server is not offered", () => {
  assert.equal(worthOffering({ at: "2026-01-02T10:00:00Z", files: { ...server } }, server, ""), false);
});

test("files that the lab no longer has are no reason to offer a copy", () => {
  assert.equal(worthOffering({ at: "2026-01-02T10:00:00Z", files: { "gone.cpp": "x" } }, server, ""), false);
});

test("a damaged copy is ignored", () => {
  for (const text of [null, "", "{", "[]", '{"at":"never","files":{}}', '{"at":"2026-01-02","files":{"a":1}}']) {
    assert.equal(readCopy(text), null);
  }
});
