/**
 * The Huffman codes of a JPEG (ITU-T T.81, C.2 and F.2.2.3).
 *
 * A code and the bits of the value behind it are passed over together: most coefficients of a large
 * picture are too fine to be seen in a terminal, and of them nothing else is needed. So what a table
 * gives for a code is an entry:
 *
 *     bits 0-4    the length of the code and of the value behind it
 *     bits 5-8    the length of the value
 *     bits 9-15   how many places of the block to go forward; 64 at the end of a block
 */

/** Bits of a code that are looked up at once; few codes are longer. */
export const LOOKUP_BITS: u32 = 10;
const LOOKUP_SIZE: i32 = 1024;

/** The entry for bits that are no code: no bit is used, and the block ends. */
export const NO_CODE: u32 = 64 << 9;

/** A Huffman table, ready to decode with. */
export class Huffman {
  /** By the next bits: the entry of the code, or 0 if the code is longer; 16-bit integers. */
  readonly lookup: usize = heap.alloc(LOOKUP_SIZE * 2);
  /** By length: the code after the last one, as if it had 16 bits. */
  private readonly ends: StaticArray<u32> = new StaticArray<u32>(18);
  /** By length: what to add to a code to get the place of its symbol. */
  private readonly offsets: StaticArray<i32> = new StaticArray<i32>(17);
  private readonly symbols: StaticArray<u8> = new StaticArray<u8>(256);

  /** Makes a table without a code: memory that was used before is not zero. */
  constructor() {
    memory.fill(this.lookup, 0, LOOKUP_SIZE * 2);
  }

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
    memory.fill(this.lookup, 0, LOOKUP_SIZE * 2);
    for (let length: u32 = 1; length <= 16; length++) {
      const codes = <u32> load<u8>(from + length - 1);
      if (code + codes > <u32> 1 << length || count + codes > 256 || at + codes > limit) return 0;
      unchecked(this.offsets[length] = count - code);
      for (let i: u32 = 0; i < codes; i++) {
        const symbol = load<u8>(at++);
        unchecked(this.symbols[count++] = symbol);
        if (length <= LOOKUP_BITS) this.fillLookup(code, length, entryOf(symbol, length));
        code++;
      }
      unchecked(this.ends[length] = code << (16 - length));
      code <<= 1;
    }
    return at;
  }

  /** Enters a code at every place that begins with it. */
  private fillLookup(code: u32, length: u32, entry: u32): void {
    const spare = LOOKUP_BITS - length;
    let at = this.lookup + (code << spare) * 2;
    for (const end = at + (<usize> 2 << spare); at < end; at += 2) store<u16>(at, <u16> entry);
  }

  /** The entry of a code that is not looked up, by the next 16 bits; `NO_CODE` if it is none. */
  longCode(bits: u32): u32 {
    for (let length: u32 = LOOKUP_BITS + 1; length <= 16; length++) {
      if (bits >= unchecked(this.ends[length])) continue;
      const place = <i32> (bits >> (16 - length)) + unchecked(this.offsets[length]);
      return entryOf(unchecked(this.symbols[place & 0xff]), length);
    }
    return NO_CODE;
  }
}

/**
 * The entry of a code of so many bits. Of its symbol, four bits are a run of zeros and four the
 * length of the value behind them (F.1.2.2); 0xF0 is sixteen zeros, any other without a value ends
 * the block.
 */
function entryOf(symbol: u32, length: u32): u32 {
  const size = symbol & 15;
  const forward = size !== 0 || symbol === 0xf0 ? (symbol >> 4) + 1 : 64;
  return forward << 9 | size << 5 | (length + size);
}
