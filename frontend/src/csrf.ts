/** The token that every POST of ours carries: htmx's header on <body>, which the server writes. */
export function csrfToken(): string {
  const headers = document.body.getAttribute("hx-headers");
  if (!headers) return "";
  const parsed = JSON.parse(headers) as Record<string, string>;
  return parsed["X-CSRFToken"] ?? "";
}
