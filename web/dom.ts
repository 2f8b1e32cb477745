/** Builds elements. Text is always set as text, so that a file's name never becomes markup. */

/** What can stand in an element; null is left out. */
export type Child = Node | string | null;

/**
 * Makes an element.
 *
 * @param tag its name
 * @param properties properties of the element, e.g. `{ className: "card", onclick }`, and attributes
 * without a property of that name, e.g. `{ "aria-label": "Menu" }`
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Readonly<Record<string, unknown>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name in made) (made as unknown as Record<string, unknown>)[name] = value;
    else made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
