import "./styles/index.css";

import htmx from "htmx.org/dist/htmx.esm.js";

import { copyButtons } from "./copy.ts";
import { mountIslands } from "./islands.ts";
import { listenForKeys } from "./keyboard.ts";
import { siteMenu } from "./menu.ts";
import { showFailedRequests } from "./network.ts";
import { searchBox } from "./search-box.ts";

function enhance(root: ParentNode): Promise<void> {
  copyButtons(root);
  return mountIslands(root);
}

const loading: Promise<unknown>[] = [enhance(document)];
siteMenu();
listenForKeys();
showFailedRequests();
searchBox();
if (document.querySelector("a.term")) loading.push(import("./terms.ts").then((module) => module.terms()));
htmx.onLoad((element) => {
  if (element instanceof HTMLElement && element !== document.body) void enhance(element);
});
// Says that everything on the page works now, parts that come by themselves included.
void Promise.all(loading).then(() => {
  document.documentElement.dataset["ready"] = "";
});
