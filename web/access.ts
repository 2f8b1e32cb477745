/** The two screens before the gallery: log in or register, and raise the privilege. */
import { element } from "./dom.ts";
import { messages, reasonText } from "./language.ts";
import { logIn, raisePrivilege, Refused, register } from "./server.ts";

/** A refusal that is not particular to one endpoint, as a sentence. */
export function refusalText(error: unknown): string {
  if (!(error instanceof Refused)) throw error;
  switch (error.status) {
    case 0:
      return messages.unreachable;
    case 429:
      return messages.tooManyAttempts(error.retryAfter);
    case 503:
      return messages.busy;
    default:
      return messages.unexpected(error.status);
  }
}

/** Runs an action of a form: its buttons rest meanwhile, and a refusal is shown in `note`. */
export async function submit(
  form: HTMLFormElement,
  note: HTMLElement,
  action: () => Promise<string | null>,
): Promise<void> {
  const buttons = form.querySelectorAll("button");
  const focused = document.activeElement;
  for (const button of buttons) button.disabled = true;
  note.textContent = "";
  try {
    note.textContent = await action();
  } catch (error) {
    note.textContent = refusalText(error);
  } finally {
    for (const button of buttons) button.disabled = false;
    // A button that rests loses the focus.
    if (document.activeElement === document.body && form.contains(focused)) {
      (focused as HTMLElement).focus();
    }
  }
}

/** A labelled field of a form. */
export function field(
  label: string,
  properties: Readonly<Record<string, unknown>>,
): { readonly label: HTMLLabelElement; readonly input: HTMLInputElement } {
  const input = element("input", { required: true, spellcheck: false, ...properties });
  return { label: element("label", {}, element("span", {}, label), input), input };
}

/**
 * The form to log in or register with.
 *
 * @param notice a sentence to begin with, e.g. that the session has ended
 * @param loggedIn called after a good login
 */
export function accessScreen(notice: string, loggedIn: () => Promise<void>): HTMLElement {
  const name = field(messages.username, {
    name: "username",
    autocomplete: "username",
    autocapitalize: "none",
    maxLength: 128,
  });
  const password = field(messages.password, {
    name: "password",
    type: "password",
    autocomplete: "current-password",
    maxLength: 1024,
  });
  const note = element("p", { className: "note", role: "status" }, notice);
  const form = element(
    "form",
    { className: "card" },
    element("h1", {}, messages.title),
    element("p", {}, messages.welcome),
    name.label,
    password.label,
    element(
      "div",
      { className: "buttons" },
      element("button", { type: "submit", className: "primary" }, messages.logIn),
      element("button", { type: "button", onclick: registerUser }, messages.register),
    ),
    note,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, note, async () => {
      try {
        await logIn(name.input.value, password.input.value);
      } catch (error) {
        if (error instanceof Refused && error.status === 401) return messages.loginFailed;
        throw error;
      }
      await loggedIn();
      return null;
    });
  });

  function registerUser(): void {
    if (!form.reportValidity()) return;
    submit(form, note, async () => {
      try {
        await register(name.input.value, password.input.value);
      } catch (error) {
        const reason = error instanceof Refused && /^REGISTER_FAILED: (.*)$/s.exec(error.text);
        if (!reason) throw error;
        return reason[1] === "User already exists"
          ? messages.exists
          : messages.notRegistered(reasonText(reason[1]));
      }
      return messages.registered(name.input.value);
    });
  }

  return form;
}

/**
 * The form that raises the privilege.
 *
 * @param explanation what it is for, or that the last one has ended
 * @param raised called once the key is there
 * @param sessionEnded called where the login is needed first
 */
export function raiseForm(
  explanation: string,
  raised: () => Promise<void>,
  sessionEnded: () => void,
): HTMLFormElement {
  const note = element("p", { className: "note", role: "status" });
  const form = element(
    "form",
    {},
    element("p", {}, explanation),
    element("button", { type: "submit", className: "primary" }, messages.raise),
    note,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, note, async () => {
      try {
        await raisePrivilege();
      } catch (error) {
        if (!(error instanceof Refused && error.status === 401)) throw error;
        sessionEnded();
        return null;
      }
      await raised();
      return null;
    });
  });
  return form;
}
