/** Puts the browser's time zone into an empty field; a form with `data-send` asks for the page in it at once. */
export function timeZone(element: HTMLElement): void {
  const field = element.querySelector<HTMLInputElement>("[name='zone']");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!field || !here || (field.value && field.dataset["guess"] === undefined) || field.value === here) return;
  field.value = here;
  if (element instanceof HTMLFormElement && element.dataset["send"] !== undefined) element.submit();
}
