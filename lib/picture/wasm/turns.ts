/**
 * Drawings take turns: averages lie in the memory of the WebAssembly module until they are painted,
 * and while something is awaited in between, no other drawing may use it.
 *
 * @module
 */
import { Semaphore } from "../../semaphore.ts";

/** Lets one drawing at a time run, in the order in which they were asked for. */
export const DRAWING_TURNS: Semaphore = new Semaphore(1);
