/**
 * The entropy-coded bits of a JPEG scan (ITU-T T.81, F.2.2.5).
 */

/** The bits read ahead: the highest `count` of them, and zeros behind. */
export let reservoir: u64 = 0;
export let count: u32 = 0;
/** Where the next byte is read. A marker must stand at the end of what may be read. */
let next: usize = 0;
/** Zero bits in the reservoir that stand for nothing: the scan ended before them. */
let paddingBits: u32 = 0;

/** Begins to read bits at an address: those of a scan, or behind a restart marker. */
export function startBits(from: usize): void {
  next = from;
  reservoir = 0;
  count = 0;
  paddingBits = 0;
}

/** Takes over the bits that are left of those read ahead. */
export function keepBits(bits: u64, left: u32): void {
  reservoir = bits;
  count = left;
}

/** Whether more bits were taken than the scan has. */
export function isOverrun(): bool {
  return paddingBits > count;
}

/** The address of the marker that ended the bits, if all of them were read ahead. */
export function endOfBits(): usize {
  return next;
}

/**
 * Makes sure of 32 bits: enough for the longest code and what follows it. Up to four bytes behind a
 * marker may be read, and mean nothing.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function refill(): void {
  if (count >= 32) return;
  const bytes = load<u32>(next);
  // Whether a 0xFF is among the four bytes.
  if (((~bytes - 0x01010101) & bytes & 0x80808080) !== 0) return refillToMarker();
  reservoir |= <u64> bswap(bytes) << (32 - count);
  next += 4;
  count += 32;
}

/**
 * Reads a byte at a time: 0xFF is followed by a stuffed zero (F.1.2.3), or begins a marker, which
 * stays.
 */
function refillToMarker(): void {
  while (count <= 48) {
    let byte: u32 = load<u8>(next);
    if (byte === 0xff) {
      if (load<u8>(next, 1) === 0) next += 2;
      else {
        byte = 0;
        paddingBits += 8;
      }
    } else next++;
    reservoir |= <u64> byte << (56 - count);
    count += 8;
  }
}
