/**
 * The entropy-coded bits of a JPEG scan and the Huffman codes in them (ITU-T T.81, Annexes C and
 * F).
 */

/** Bits of a code that are looked up at once; few codes are longer. */
const LOOKUP_BITS: u32 = 9;
const LOOKUP_SIZE: i32 = 512;

/** A Huffman table, ready to decode with. */
export class Huffman {
  /** By the next bits: the length of the code and its symbol, or 0 if the code is longer. */
  private readonly lookup: StaticArray<u16> = new StaticArray<u16>(LOOKUP_SIZE);
  /** By length: the code after the last one, as if it had 16 bits. */
  private readonly ends: StaticArray<u32> = new StaticArray<u32>(18);
  /** By length: what to add to a code to get the place of its symbol. */
  private readonly offsets: StaticArray<i32> = new StaticArray<i32>(17);
  private readonly symbols: StaticArray<u8> = new StaticArray<u8>(256);

  /**
   * Reads a table as DHT has it: sixteen counts, then the symbols (B.2.4.2, C.2).
   *
   * @param from the address of the counts
   * @param limit the end of the segment
   * @returns the address after the table, or 0 if it is not a table
   */
  read(from: usize, limit: usize): usize {
    if (from + 16 > limit) return 0;
    let code: u32 = 0;
    let count: i32 = 0;
    let at: usize = from + 16;
    memory.fill(changetype<usize>(this.lookup), 0, LOOKUP_SIZE * 2);
    for (let length: u32 = 1; length <= 16; length++) {
      const codes = <u32> load<u8>(from + length - 1);
      if (code + codes > <u32> 1 << length || count + codes > 256 || at + codes > limit) return 0;
      unchecked(this.offsets[length] = count - code);
      for (let i: u32 = 0; i < codes; i++) {
        const symbol = load<u8>(at++);
        unchecked(this.symbols[count++] = symbol);
        if (length <= LOOKUP_BITS) this.fillLookup(code, length, symbol);
        code++;
      }
      unchecked(this.ends[length] = code << (16 - length));
      code <<= 1;
    }
    return at;
  }

  /** Enters a code at every place that begins with it. */
  private fillLookup(code: u32, length: u32, symbol: u8): void {
    const spare = LOOKUP_BITS - length;
    const entry = <u16> (length << 8 | symbol);
    for (let i: u32 = code << spare; i < (code + 1) << spare; i++) {
      unchecked(this.lookup[i] = entry);
    }
  }

  /** The next symbol of the scan (F.2.2.3); sets `damaged` if the bits are not a code. */
  decodeSymbol(): u32 {
    const bits = <u32> peek16();
    const entry = <u32> unchecked(this.lookup[bits >> (16 - LOOKUP_BITS)]);
    if (entry !== 0) {
      skip(entry >> 8);
      return entry & 0xff;
    }
    for (let length: u32 = LOOKUP_BITS + 1; length <= 16; length++) {
      if (bits >= unchecked(this.ends[length])) continue;
      skip(length);
      const place = <i32> (bits >> (16 - length)) + unchecked(this.offsets[length]);
      return unchecked(this.symbols[place & 0xff]);
    }
    damaged = true;
    return 0;
  }
}

/** Whether the bits hold something that no encoder writes. */
export let damaged: bool = false;

/** Where the next byte is read. A marker must stand at the end of what may be read. */
let at: usize = 0;
/** The bits read ahead, the lowest `count` of them. */
let reservoir: u64 = 0;
let count: u32 = 0;
/** Zero bits in the reservoir that stand for nothing: the scan ended before them. */
let paddingBits: u32 = 0;

/** Begins to read a scan at an address. */
export function startScan(from: usize): void {
  damaged = false;
  startBits(from);
}

/** Continues with the bits at an address, behind a restart marker. */
export function startBits(from: usize): void {
  at = from;
  reservoir = 0;
  count = 0;
  paddingBits = 0;
}

/** Whether more bits were taken than the scan has. */
export function isOverrun(): bool {
  return paddingBits > count;
}

/** The address of the marker that ended the bits; call where all of them were taken. */
export function endOfBits(): usize {
  return at;
}

/** Makes sure of 32 bits: enough for the longest code and what follows it. */
export function refill(): void {
  if (count >= 32) return;
  while (count <= 48) {
    let byte: u32 = load<u8>(at);
    if (byte === 0xff) {
      // 0xFF is followed by a stuffed zero (F.1.2.3); otherwise it begins a marker, which stays.
      if (load<u8>(at, 1) === 0) at += 2;
      else {
        byte = 0;
        paddingBits += 8;
      }
    } else at++;
    reservoir = reservoir << 8 | byte;
    count += 8;
  }
}

function peek16(): u32 {
  return <u32> (reservoir >> (count - 16)) & 0xffff;
}

/** Passes over bits. */
export function skip(bits: u32): void {
  count -= bits;
}

/** The next `bits` bits as a signed value (F.2.2.1, RECEIVE and EXTEND); of 0 bits, 0. */
export function signedBits(bits: u32): i32 {
  count -= bits;
  const value = <i32> (reservoir >> count) & ((1 << bits) - 1);
  return value < 1 << bits >> 1 ? value - (1 << bits) + 1 : value;
}
