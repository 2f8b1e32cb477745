/**
 * The status line and the progress bar on stderr, erased when the work is done.
 */
import { byteSize } from "../../text/byte_size.ts";
import { onExit } from "./exit_hooks.ts";
import type { Screen } from "./screen.ts";
import { terminalSize } from "./terminal_size.ts";

/** Milliseconds before a status line or a bar appears. */
export const STATUS_DELAY_MS = 500;
/** Milliseconds between two drawings of a bar. */
const REFRESH_MS = 100;

/**
 * Shows `text` on a terminal once `work` has taken `delayMs`, until it is done.
 *
 * @returns what `work` resolves with
 */
export async function withStatus<T>(
  screen: Screen,
  text: string,
  work: Promise<T>,
  delayMs: number = STATUS_DELAY_MS,
): Promise<T> {
  if (!screen.errIsTerminal) return await work;
  const timer = setTimeout(() => screen.status(text), delayMs);
  const erase = () => screen.status("");
  const done = onExit(erase);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    erase();
    done();
  }
}

/** The state of a download: bytes. */
interface Figures {
  readonly received: number;
  readonly total: number | null;
  readonly resumed: number;
}

/** The progress bar of a download. It is redrawn even while nothing arrives. */
export class ProgressBar {
  readonly #started: number;
  #figures: Figures | null = null;
  #drawn = -Infinity;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #done: () => void;

  readonly #screen: Screen;
  readonly #label: string;
  readonly #now: () => number;
  readonly #columns: () => number;

  /**
   * @param screen where it is drawn, if stderr is a terminal
   * @param label what is going on, e.g. `Receiving`
   * @param now the clock, milliseconds
   * @param columns returns the width of the terminal
   */
  constructor(
    screen: Screen,
    label: string,
    now: () => number = () => performance.now(),
    columns: () => number = terminalColumns,
  ) {
    this.#screen = screen;
    this.#label = label;
    this.#now = now;
    this.#columns = columns;
    this.#started = now();
    this.#done = onExit(() => this.end());
    if (screen.errIsTerminal) this.#timer = setInterval(() => this.#draw(), REFRESH_MS);
  }

  /**
   * Records the progress, and draws the bar if it is time to.
   * @param received bytes so far, those of an earlier attempt included
   * @param total bytes in all, or null if the server did not say
   * @param resumed bytes that an earlier attempt received; they do not count towards the rate
   */
  update(received: number, total: number | null, resumed = 0): void {
    this.#figures = { received, total, resumed };
    if (this.#screen.errIsTerminal) this.#draw();
  }

  /** Erases the bar. */
  end(): void {
    clearInterval(this.#timer);
    this.#screen.status("");
    this.#done();
  }

  #draw(): void {
    const now = this.#now();
    if (now - this.#started < STATUS_DELAY_MS || now - this.#drawn < REFRESH_MS) return;
    this.#drawn = now;
    this.#screen.status(this.#line(now - this.#started));
  }

  #line(milliseconds: number): string {
    if (this.#figures === null) return `${this.#label}…`;
    const { received, total, resumed } = this.#figures;
    const rate = (received - resumed) / (milliseconds / 1000);
    return progressLine(this.#label, received, total, rate, this.#columns());
  }
}

/**
 * Returns one line, narrower than `columns`, e.g. `Receiving ━━━━━━╌╌╌╌  52%  45.1/86.1 MiB  12.3
 * MiB/s`.
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
  // No character is wider than two columns.
  const width = Math.min(40, columns - 1 - 2 * label.length - figures.length - 2);
  if (width < 4) return cut(figures);
  const full = Math.round(share * width);
  return `${label} ${"━".repeat(full)}${"╌".repeat(width - full)} ${figures}`;
}

function terminalColumns(): number {
  return terminalSize()?.columns ?? 80;
}
