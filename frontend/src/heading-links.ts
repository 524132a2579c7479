/** Puts a link to itself behind each heading of a text. */
export function headingLinks(root: ParentNode): void {
  for (const heading of root.querySelectorAll<HTMLElement>(".prose > :is(h2, h3, h4)[id]")) {
    if (heading.querySelector(".heading-link, .headerlink")) continue;
    const link = document.createElement("a");
    link.className = "heading-link";
    link.href = `#${heading.id}`;
    link.textContent = "#";
    link.setAttribute("aria-label", `Link to ${heading.textContent ?? "this section"}`);
    heading.append(link);
  }
}
