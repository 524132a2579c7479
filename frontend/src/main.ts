import "./styles/index.css";

import htmx from "htmx.org/dist/htmx.esm.js";

import { copyButtons } from "./copy.ts";
import { mountIslands } from "./islands.ts";
import { listenForKeys } from "./keyboard.ts";
import { siteMenu } from "./menu.ts";
import { showFailedRequests } from "./network.ts";
import { searchBox } from "./search-box.ts";

function enhance(root: ParentNode): void {
  copyButtons(root);
  mountIslands(root);
}

enhance(document);
siteMenu();
listenForKeys();
showFailedRequests();
searchBox();
if (document.querySelector("a.term")) void import("./terms.ts").then((module) => module.terms());
htmx.onLoad((element) => {
  if (element instanceof HTMLElement && element !== document.body) enhance(element);
});
