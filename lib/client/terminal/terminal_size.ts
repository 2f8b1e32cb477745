/** The size of the terminal. */

/** Returns the size of the terminal, or null if it does not say. */
export function terminalSize(): { columns: number; rows: number } | null {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : null;
  } catch {
    return null;
  }
}
