/** The bar at the top: who is logged in, how long the key lasts, the account's menu. */
import { field, submit } from "./access.ts";
import { element } from "./dom.ts";
import { language, messages, reasonText } from "./language.ts";
import { changePassword, Refused, type Session } from "./server.ts";

/** What the menu does. */
export interface HeaderEvents {
  logOut(): void;
  passwordChanged(): void;
}

/** A time of day in the reader's language. @param seconds Unix seconds */
export function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(language, {
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** `carol · privilege until 14:10 (42 min)`. */
function sessionText({ username, key_expires }: Session): string {
  if (key_expires === null) return username;
  // A second less: the server's clock is known from `Date`, which leaves out parts of a second.
  const minutes = Math.max(0, Math.ceil((key_expires - 1 - Date.now() / 1000) / 60));
  return `${username} · ` +
    messages.privilegeUntil(timeOfDay(key_expires), messages.minutes(minutes));
}

/** The contents of the bar. Call `update` now and then: minutes pass. */
export function header(
  session: Session,
  events: HeaderEvents,
): { readonly content: HTMLElement; update(): void } {
  const text = element("bdi", { className: "session" });
  const update = () => text.textContent = sessionText(session);
  update();
  const dialog = passwordDialog(session.username, events.passwordChanged);
  const content = element(
    "div",
    { className: "bar" },
    element("a", { className: "brand", href: "#/" }, messages.title),
    text,
    element(
      "nav",
      { "aria-label": messages.account },
      element(
        "button",
        { type: "button", className: "plain", onclick: () => dialog.showModal() },
        messages.changePassword,
      ),
      element(
        "button",
        { type: "button", className: "plain", onclick: events.logOut },
        messages.logOut,
      ),
    ),
    dialog,
  );
  return { content, update };
}

function passwordDialog(username: string, changed: () => void): HTMLDialogElement {
  const current = field(messages.currentPassword, {
    type: "password",
    autocomplete: "current-password",
  });
  const wanted = field(messages.newPassword, {
    type: "password",
    autocomplete: "new-password",
    maxLength: 1024,
  });
  const note = element("p", { className: "note", role: "status" });
  const title = element("h2", { id: "password-title" }, messages.changePassword);
  const form = element(
    "form",
    {},
    title,
    // Hidden, for the password manager: it stores a password together with its name.
    element("input", { type: "text", autocomplete: "username", value: username, hidden: true }),
    current.label,
    wanted.label,
    element(
      "div",
      { className: "buttons" },
      element("button", { type: "submit", className: "primary" }, messages.save),
      element("button", { type: "button", onclick: () => dialog.close() }, messages.cancel),
    ),
    note,
  );
  const dialog = element("dialog", { className: "card", "aria-labelledby": title.id }, form);
  dialog.addEventListener("close", () => {
    form.reset();
    note.textContent = "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, note, async () => {
      try {
        await changePassword(username, current.input.value, wanted.input.value);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.status === 401) return messages.wrongPassword;
        if (error.status !== 400) throw error;
        return messages.passwordRefused(reasonText(error.text.replace(/^[A-Z_]+: /, "")));
      }
      dialog.close();
      changed();
      return null;
    });
  });
  return dialog;
}
