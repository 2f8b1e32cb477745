/** What Linux knows about a process and its children: memory and processor time. */

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]);
}

/** Processor time so far, seconds: its own, and that of the processes it has started. */
export function processorSeconds(pid: number): number {
  const ticks = (id: number) => {
    // The second field, the name, may hold spaces; it ends at the last parenthesis.
    const fields = Deno.readTextFileSync(`/proc/${id}/stat`).replace(/^.*\) /s, "").split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  let sum = ticks(pid);
  if (children !== "") { for (const child of children.split(" ")) sum += ticks(Number(child)); }
  // Ticks are hundredths of a second on every Linux that Deno runs on.
  return sum / 100;
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
