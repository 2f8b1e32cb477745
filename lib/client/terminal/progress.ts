/**
 * Signs of life on a terminal while something takes its time. Written to stderr, erased when done.
 */
import { byteSize } from "../../text/byte_size.ts";
import { onExit } from "./exit_hooks.ts";
import type { Screen } from "./screen.ts";

/** How long something may take before it is worth a sign, milliseconds. */
export const PATIENCE_MS = 500;
/** How often a bar is drawn, milliseconds. */
const REFRESH_MS = 100;

/**
 * Shows `text` while `work` takes longer than `patienceMs`, on a terminal only.
 * @returns what `work` returns
 */
export async function waiting<T>(
  screen: Screen,
  text: string,
  work: Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  if (!screen.errIsTerminal) return await work;
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    screen.sign(text);
  }, patienceMs);
  const erase = () => shown && screen.sign("");
  const done = onExit(erase);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    erase();
    done();
  }
}

/** How far a download is. */
interface Figures {
  readonly received: number;
  readonly total: number | null;
  readonly resumed: number;
}

/** The bar of a download: how much, how fast, how long. Drawn on while nothing arrives, too. */
export class ProgressBar {
  readonly #started: number;
  #figures: Figures | null = null;
  #drawn = -Infinity;
  #shown = false;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #done: () => void;

  /**
   * @param label what goes on, e.g. `Receiving`
   * @param now the clock, milliseconds
   * @param columns how wide the terminal is
   */
  constructor(
    private readonly screen: Screen,
    private readonly label: string,
    private readonly now: () => number = () => performance.now(),
    private readonly columns: () => number = terminalColumns,
  ) {
    this.#started = now();
    this.#done = onExit(() => this.end());
    if (screen.errIsTerminal) this.#timer = setInterval(() => this.#draw(), REFRESH_MS);
  }

  /**
   * Draws the bar where it is time to.
   * @param received bytes so far, those of an earlier attempt included
   * @param total bytes in all, or null where the server did not say
   * @param resumed bytes that were there before: they do not count into the rate
   */
  update(received: number, total: number | null, resumed = 0): void {
    this.#figures = { received, total, resumed };
    if (this.screen.errIsTerminal) this.#draw();
  }

  /** Erases the bar. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#shown) this.screen.sign("");
    this.#shown = false;
    this.#done();
  }

  #draw(): void {
    const now = this.now();
    if (now - this.#started < PATIENCE_MS || now - this.#drawn < REFRESH_MS) return;
    this.#drawn = now;
    this.#shown = true;
    this.screen.sign(this.#line(now - this.#started));
  }

  #line(milliseconds: number): string {
    if (this.#figures === null) return `${this.label}…`;
    const { received, total, resumed } = this.#figures;
    const rate = (received - resumed) / (milliseconds / 1000);
    return progressLine(this.label, received, total, rate, this.columns());
  }
}

/**
 * One line, narrower than `columns`, e.g. `Receiving ━━━━━━╌╌╌╌  52%  45.1/86.1 MiB  12.3 MiB/s`.
 */
export function progressLine(
  label: string,
  received: number,
  total: number | null,
  bytesPerSecond: number,
  columns: number,
): string {
  const rate = `${byteSize(bytesPerSecond)}/s`;
  // One column stays free: a terminal that wraps there would scroll.
  const cut = (text: string) => text.slice(0, Math.max(0, columns - 1));
  if (total === null || total <= 0) return cut(`${byteSize(received)}  ${rate}`);
  const share = Math.min(1, received / total);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const figures = `${percent}  ${byteSize(received)} / ${byteSize(total)}  ${rate}`;
  // No letter is wider than two columns.
  const room = Math.min(40, columns - 1 - 2 * label.length - figures.length - 2);
  if (room < 4) return cut(figures);
  const full = Math.round(share * room);
  return `${label} ${"━".repeat(full)}${"╌".repeat(room - full)} ${figures}`;
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}
