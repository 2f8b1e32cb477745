/**
 * Paints the sample pictures in images/: a lighthouse at dusk, computed from noise and a little
 * optics, as a whole and in five details. Smooth gradients in the sky, fine detail in the water and
 * the grass, hard edges in the tower: what a picture renderer has to cope with.
 *
 *     deno run -A tools/assets/paint_sample.ts image > scene.ppm
 *     convert scene.ppm -sampling-factor 4:2:0 -quality 84 -interlace none images/image.jpg
 *
 * The details are made in the same way: `coast/boat`, `coast/cliff`, `coast/lantern`,
 * `coast/night`, `coast/water`.
 */

type Vec = readonly [number, number, number];

/** A picture: its size in pixels, and which part of the scene it shows (see `HORIZON`). */
interface View {
  readonly width: number;
  readonly height: number;
  /** The upper left corner, and how much of the scene a picture's height is. */
  readonly left: number;
  readonly top: number;
  readonly tall: number;
}

const VIEWS: Readonly<Record<string, View>> = {
  image: { width: 1280, height: 800, left: 0, top: 0, tall: 1 },
  "coast/boat": { width: 960, height: 640, left: 0.14, top: 0.44, tall: 0.27 },
  "coast/cliff": { width: 640, height: 800, left: 1.0, top: 0.42, tall: 0.56 },
  "coast/lantern": { width: 600, height: 900, left: 1.1, top: 0.12, tall: 0.42 },
  "coast/night": { width: 1000, height: 500, left: 0.1, top: 0, tall: 0.36 },
  "coast/water": { width: 960, height: 600, left: 0.42, top: 0.5, tall: 0.3 },
};

/** Samples of a pixel along each axis. */
const SAMPLES = 3;
/** Where the sea meets the sky; y runs from 0 at the top to 1, x from 0 to 1.6. */
const HORIZON = 0.56;
const SUN = [0.62, HORIZON - 0.012] as const;
/** The lantern of the lighthouse. */
const LANTERN = [1.238, 0.2555] as const;

const mix = (a: number, b: number, t: number) => a + (b - a) * t;
const blend = (a: Vec, b: Vec, t: number): Vec => [
  mix(a[0], b[0], t),
  mix(a[1], b[1], t),
  mix(a[2], b[2], t),
];
const add = (a: Vec, b: Vec, t = 1): Vec => [a[0] + b[0] * t, a[1] + b[1] * t, a[2] + b[2] * t];
const scale = (a: Vec, t: number): Vec => [a[0] * t, a[1] * t, a[2] * t];
const clamp = (x: number) => Math.min(1, Math.max(0, x));
const step = (from: number, to: number, x: number) => {
  const t = clamp((x - from) / (to - from));
  return t * t * (3 - 2 * t);
};

/** A number in 0–1 that belongs to a lattice point: the same every time. */
function lattice(x: number, y: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 0x100000000;
}

/** Smooth noise in 0–1. */
function noise(x: number, y: number): number {
  const ix = Math.floor(x), iy = Math.floor(y);
  const fx = x - ix, fy = y - iy;
  const sx = fx * fx * fx * (fx * (fx * 6 - 15) + 10),
    sy = fy * fy * fy * (fy * (fy * 6 - 15) + 10);
  return mix(
    mix(lattice(ix, iy), lattice(ix + 1, iy), sx),
    mix(lattice(ix, iy + 1), lattice(ix + 1, iy + 1), sx),
    sy,
  );
}

/** Noise at several scales, each turned against the one before, in 0–1. */
function fractal(x: number, y: number, octaves: number): number {
  let sum = 0, size = 0.5;
  for (let i = 0; i < octaves; i++, size /= 2) {
    sum += size * noise(x, y);
    [x, y] = [1.6 * x - 1.2 * y + 17.3, 1.2 * x + 1.6 * y + 9.1];
  }
  return sum / (1 - 2 * size * 0.5);
}

/** Sharp crests: what mountains are made of. */
function ridges(x: number, y: number, octaves: number): number {
  let sum = 0, size = 0.5, weight = 1;
  for (let i = 0; i < octaves; i++, size *= 0.5) {
    const ridge = 1 - Math.abs(2 * noise(x, y) - 1);
    sum += ridge * ridge * size * weight;
    weight = clamp(ridge * 1.6);
    x = x * 2.03 + 31.7;
    y = y * 2.03 + 11.9;
  }
  return sum;
}

/** The sky alone: gradient, glow of the sun, clouds, stars. */
function sky(x: number, y: number): Vec {
  const up = clamp((HORIZON - y) / HORIZON);
  const stops: [number, Vec][] = [
    [0, [1.0, 0.60, 0.27]],
    [0.10, [0.98, 0.50, 0.30]],
    [0.26, [0.72, 0.33, 0.38]],
    [0.48, [0.31, 0.22, 0.43]],
    [0.74, [0.10, 0.12, 0.31]],
    [1, [0.03, 0.05, 0.17]],
  ];
  let color = stops[0][1];
  for (let i = 1; i < stops.length; i++) {
    color = blend(color, stops[i][1], step(stops[i - 1][0], stops[i][0], up));
  }
  const dx = (x - SUN[0]) * 0.72, dy = y - SUN[1];
  const distance = Math.hypot(dx, dy);
  color = add(color, [1.0, 0.52, 0.18], 0.75 * Math.exp(-distance * 7.5));
  color = add(color, [1.0, 0.85, 0.5], 0.9 * Math.exp(-distance * 34));
  color = scale(color, 1 - 0.35 * step(0.3, 1.1, Math.abs(x - SUN[0])) * (1 - up * 0.5));

  // Stars: at most one in a square of the lattice, the fewer the nearer the glow.
  const sx = x * 70, sy = y * 70;
  const cx = Math.floor(sx), cy = Math.floor(sy);
  const chance = lattice(cx + 900, cy + 77);
  if (chance > 0.72) {
    const px = 0.2 + 0.6 * lattice(cx, cy + 5000), py = 0.2 + 0.6 * lattice(cx + 7000, cy);
    const near = Math.hypot(sx - cx - px, sy - cy - py);
    const bright = Math.pow((chance - 0.72) / 0.28, 3);
    const size = 0.035 + 0.05 * bright;
    const shine = Math.exp(-(near * near) / (size * size)) * (0.35 + 1.3 * bright);
    color = add(color, [0.9, 0.93, 1], shine * step(0.42, 0.85, up));
  }

  // Clouds: streaks that lie flat, lit from below on the side of the sun.
  const wx = x * 2.1 + 0.9 * fractal(x * 1.7 + 4, y * 5 + 2, 4);
  const density = fractal(wx, y * 11 + 3 * fractal(x * 1.1, y * 3, 3), 7);
  const cover = step(0.43, 0.70, density) * step(0.04, 0.2, up) * (1 - step(0.55, 0.85, up));
  const below = fractal(wx, (y + 0.012) * 11 + 3 * fractal(x * 1.1, y * 3, 3), 5);
  const lit = clamp((density - below) * 5 + 0.5) * Math.exp(-Math.abs(x - SUN[0]) * 1.1);
  const cloud = blend([0.24, 0.15, 0.27], [1.0, 0.56, 0.30], lit * (1 - up * 0.5));
  return blend(color, cloud, cover * 0.86);
}

/** Ranges of mountains, from the farthest: foot, height, width of a mountain, seed, colour. */
const RANGES: readonly { height: number; pace: number; seed: number; color: Vec }[] = [
  { height: 0.20, pace: 1.5, seed: 3, color: [0.58, 0.33, 0.37] },
  { height: 0.15, pace: 2.2, seed: 41, color: [0.36, 0.23, 0.34] },
  { height: 0.085, pace: 3.4, seed: 87, color: [0.17, 0.13, 0.24] },
];

/** The sky with the mountains before it. */
function far(x: number, y: number): Vec {
  let color: Vec | null = null;
  for (let i = RANGES.length - 1; i >= 0 && color === null; i--) {
    const { height, pace, seed, color: base } = RANGES[i];
    // A valley is left for the sun.
    const open = 1 - 0.8 * Math.exp(-Math.pow((x - SUN[0] - 0.03 * i) / (0.17 + 0.07 * i), 2));
    const top = HORIZON - height * open * (0.12 + 1.25 * ridges(x * pace + seed, seed, 8));
    if (y < top) continue;
    const e = 0.0016;
    const relief = (px: number, py: number) =>
      ridges(px * pace * 2.6 + py * 1.5 + seed, py * 2.2 - px + seed, 7);
    const slope = (relief(x + e, y) - relief(x - e, y)) / e * Math.sign(SUN[0] - x);
    const light = clamp(0.45 - slope * 0.012 * (1 + i * 0.6));
    const haze = step(top, HORIZON, y) * 0.55;
    const lit = add(scale(base, 0.62 + 0.5 * light), [0.55, 0.24, 0.10], 0.16 * light * open);
    const snow = step(0.55, 0.9, light) * step(0.10, 0.03, y - top) *
      step(0.085, 0.17, HORIZON - y);
    color = blend(add(lit, [0.75, 0.55, 0.5], snow * 0.55), [0.86, 0.47, 0.33], haze * open);
  }
  return color ?? sky(x, y);
}

/** The height of the water at a place of the sea. Fine waves are left out where they are far. */
function wave(x: number, z: number, octaves: number): number {
  return fractal(x * 1.1 + 0.3 * z, z * 2.4, octaves) + 0.35 * noise(x * 0.4 + 50, z * 0.9);
}

/** The sea: at each place the waves turn the mirror, and what it shows is the sky. */
function sea(x: number, y: number): Vec {
  const z = 0.34 / (y - HORIZON + 0.0022);
  const wx = (x - 0.8) * z;
  const octaves = z > 30 ? 3 : z > 9 ? 5 : 7;
  const e = 0.012 + 0.0006 * z;
  const scaleX = 7, scaleZ = 5;
  const here = wave(wx * scaleX, z * scaleZ, octaves);
  const nx = (wave((wx + e) * scaleX, z * scaleZ, octaves) - here) / e;
  const nz = (wave(wx * scaleX, (z + e) * scaleZ, octaves) - here) / e;
  const calm = 1 / (1 + z * 0.32);
  const tilt = clamp(0.5 + nz * 0.028 * (0.25 + calm));
  const mirrorY = 2 * HORIZON - y - (tilt - 0.5) * (0.30 + 0.25 * calm) - 0.03;
  const mirrorX = x + nx * 0.006 * (0.3 + calm);
  const mirrored = far(mirrorX, Math.max(0.012, Math.min(HORIZON - 0.004, mirrorY)));
  const depth: Vec = [0.012, 0.055, 0.095];
  const fresnel = 0.34 + 0.62 * Math.pow(1 - clamp((y - HORIZON) * 1.7), 3) - 0.30 * (tilt - 0.5);
  let color = blend(depth, mirrored, clamp(fresnel));
  // The road of light below the sun.
  const road = Math.exp(-Math.pow((x - SUN[0] - nx * 0.003) / (0.028 + (y - HORIZON) * 0.22), 2));
  const sparkle = step(0.50, 0.86, tilt + 0.22 * road);
  color = add(
    color,
    [1.0, 0.62, 0.28],
    road * (0.12 + 1.1 * sparkle) * (0.85 - 0.9 * (y - HORIZON)),
  );
  // Foam on a few crests near by.
  const foam = step(0.74, 0.82, here) * calm * step(0.66, 0.8, y);
  color = add(color, [0.55, 0.5, 0.55], foam * 0.12);
  return blend(color, [0.98, 0.55, 0.33], 0.55 * Math.exp(-(y - HORIZON) * 60));
}

/** The headland: where its edge is at x. */
function shore(x: number): number {
  const rise = step(0.78, 1.26, x);
  const bumps = 0.030 * (fractal(x * 9, 3, 6) - 0.5) + 0.010 * (noise(x * 90, 8) - 0.5);
  return mix(1.04, 0.655, rise) + 0.03 * step(1.32, 1.6, x) + bumps * (0.3 + rise);
}

/** Rock below, grass above, lit by the sky and from the left by the last of the sun. */
function headland(x: number, y: number): Vec {
  const under = y - shore(x);
  const rock = (px: number, py: number) =>
    0.8 * fractal(px * 15, py * 24, 6) + 1.4 * ridges(px * 6 + py * 5, py * 3.4 - px * 2, 7);
  const e = 0.0015;
  const slope = (rock(x + e, y) - rock(x - e, y)) / e;
  const light = clamp(0.34 + slope * 0.015);
  const stone = blend(
    [0.035, 0.032, 0.055],
    [0.46, 0.25, 0.18],
    light * (1 - step(0, 0.42, under) * 0.6),
  );
  const blades = fractal(x * 120 + 3 * noise(x * 20, y * 20), y * 26, 3);
  const grass = blend([0.02, 0.045, 0.03], [0.33, 0.27, 0.10], step(0.38, 0.78, blades));
  const turf = step(0.075, 0.025, under + 0.05 * (fractal(x * 14, y * 14, 4) - 0.5)) *
    step(0.95, 1.1, x);
  const edge = Math.exp(-Math.pow(under / 0.004, 2)) * 0.45;
  return add(blend(stone, grass, turf), [0.95, 0.48, 0.22], edge * step(1.42, 0.9, x));
}

/** The tower with its lantern, or null beside it. */
function tower(x: number, y: number): Vec | null {
  const axis = LANTERN[0], foot = 0.682, gallery = 0.282;
  const dx = x - axis;
  const shade = (half: number, color: Vec): Vec => {
    const round = dx / half; // -1 at the left edge, towards the sun, to 1
    const light = clamp(0.62 - 0.62 * round - 0.15 * round * round);
    return add(
      scale(color, 0.16 + 0.62 * light),
      [0.5, 0.2, 0.07],
      0.38 * Math.pow(clamp(-round), 2),
    );
  };
  if (y > gallery && y < foot) {
    const half = mix(0.0225, 0.041, (y - gallery) / (foot - gallery));
    if (Math.abs(dx) < half) {
      const band = Math.floor((y - gallery) / (foot - gallery) * 7 + 0.02 * (dx / half) ** 2);
      const paint: Vec = band % 2 === 0 ? [0.93, 0.88, 0.84] : [0.66, 0.10, 0.09];
      const worn = 0.88 + 0.2 * fractal(x * 160, y * 60, 4);
      const row = [0.345, 0.452, 0.560].find((window) => Math.abs(y - window) < 0.0105);
      if (row !== undefined && Math.abs(dx + 0.004) < 0.0042) return [1.0, 0.78, 0.38];
      return scale(shade(half, paint), worn);
    }
  }
  // Gallery with its railing, lantern room, roof, ball.
  if (Math.abs(dx) < 0.0315 && y > gallery - 0.006 && y <= gallery) {
    return shade(0.0315, [0.2, 0.19, 0.22]);
  }
  if (Math.abs(dx) < 0.0305 && y > gallery - 0.019 && y <= gallery - 0.006) {
    const bar = Math.abs(((dx + 1) / 0.0061) % 1 - 0.5) < 0.11 || y < gallery - 0.0175;
    if (bar) return [0.09, 0.08, 0.1];
  }
  if (Math.abs(dx) < 0.0165 && y > 0.238 && y <= gallery - 0.006) {
    const pane = Math.abs(((dx + 1.00275) / 0.0055) % 1 - 0.5) < 0.1;
    return pane ? [0.25, 0.16, 0.1] : [1.35, 1.12, 0.72];
  }
  const roof = (y - 0.214) / 0.024;
  if (roof > 0 && roof <= 1 && Math.abs(dx) < 0.021 * Math.pow(roof, 0.7)) {
    return shade(0.021, [0.5, 0.1, 0.09]);
  }
  if (Math.hypot(dx, y - 0.211) < 0.0042) return [0.75, 0.5, 0.32];
  return null;
}

/** A small boat under sail, with its sails dark against the light. */
function boat(x: number, y: number): Vec | null {
  const dx = x - 0.335, waterline = 0.6155;
  const sail = waterline - 0.012 - y;
  if (sail > 0 && sail < 0.085) {
    const wide = 1 - sail / 0.085;
    if (dx > 0.0025 && dx < 0.0025 + 0.034 * wide - 0.004 * wide * wide) {
      return blend([0.42, 0.2, 0.17], [0.88, 0.47, 0.28], clamp(0.25 + dx * 22));
    }
    if (dx < -0.0005 && dx > -0.021 * wide * wide) return [0.3, 0.15, 0.17];
    if (Math.abs(dx - 0.001) < 0.0011) return [0.05, 0.03, 0.05];
  }
  const hull = (y - (waterline - 0.0125)) / 0.0125;
  if (hull > 0 && hull < 1 && Math.abs(dx - 0.004) < 0.034 - 0.012 * hull * hull) {
    return blend([0.06, 0.035, 0.05], [0.4, 0.19, 0.12], 1 - hull);
  }
  return null;
}

/** Reeds in the lower left corner: thin strokes, near and out of the light. */
function reeds(x: number, y: number): number {
  let most = 0;
  for (let i = 0; i < 46; i++) {
    const root = -0.03 + i * 0.0125 + 0.012 * lattice(i, 1);
    const length = (0.11 + 0.26 * lattice(i, 2)) * Math.exp(-Math.pow(root / 0.36, 2));
    const up = (1.0 - y) / length;
    if (up < 0 || up > 1) continue;
    const bend = (lattice(i, 3) - 0.32) * 0.11 * up * up;
    const thick = 0.0021 * (1 - up) + 0.0004 + (i % 4 === 0 && up > 0.86 && up < 0.98 ? 0.0026 : 0);
    most = Math.max(most, 1 - step(thick * 0.7, thick * 1.3, Math.abs(x - root - bend)));
  }
  return most;
}

/** Two faint beams from the lantern, and its glow. */
function lamp(x: number, y: number): number {
  const dx = x - LANTERN[0], dy = y - LANTERN[1];
  const distance = Math.hypot(dx, dy);
  const along = -dx * 0.985 + dy * -0.17, aside = Math.abs(-dx * 0.17 - dy * -0.985);
  const beam = (reach: number) =>
    reach > 0
      ? Math.exp(-Math.pow(aside / (0.004 + reach * 0.055), 2)) * Math.exp(-reach * 2.1)
      : 0;
  return 0.55 * Math.exp(-distance * 38) + 0.10 * Math.exp(-distance * 9) + 0.30 * beam(along) +
    0.20 * beam(-along);
}

function scene(x: number, y: number): Vec {
  let color = tower(x, y);
  if (color === null) {
    if (y > shore(x)) color = headland(x, y);
    else if (y > HORIZON) {
      color = sea(x, y);
      // The boat and the tower stand in the water upside down, torn by the waves.
      const shift = 0.012 * (noise(x * 40, y * 260) - 0.5) + 0.006 * (noise(x * 9, y * 420) - 0.5);
      const mirrored = y > 0.6155 ? boat(x + shift, 2 * 0.6155 - y + shift * 0.6) : null;
      if (mirrored !== null) color = blend(color, mirrored, 0.62);
    } else color = far(x, y);
    const hull = boat(x, y);
    if (hull !== null && y <= shore(x)) color = hull;
  }
  color = add(color, [1.0, 0.86, 0.58], lamp(x, y));
  color = blend(color, [0.018, 0.02, 0.028], reeds(x, y) * 0.94);
  // The corners are a little darker, as lenses have it.
  const corner = Math.hypot((x - 0.8) / 0.8, (y - 0.5) / 0.5);
  return scale(color, 1 - 0.13 * corner * corner);
}

/** A soft shoulder instead of a hard limit for what is brighter than white. */
function expose(value: number): number {
  const x = Math.max(0, value);
  const y = x < 0.75 ? x : 0.75 + 0.25 * (1 - Math.exp(-(x - 0.75) / 0.25));
  return Math.min(255, y * 255);
}

function paint({ width, height, left, top, tall }: View): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let sum: Vec = [0, 0, 0];
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const x = column + ((sample % SAMPLES) + 0.5) / SAMPLES;
        const y = row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
        const [red, green, blue] = scene(left + x * tall / height, top + y * tall / height);
        sum = add(sum, [expose(red), expose(green), expose(blue)]);
      }
      // A trace of grain keeps the gradients free of steps.
      const grain = (lattice(column + 20000, row) - lattice(column, row + 20000)) * 0.9;
      for (const component of sum) {
        pixels[to++] = Math.round(clamp((component / SAMPLES ** 2 + grain) / 255) * 255);
      }
    }
  }
  return pixels;
}

const view = VIEWS[Deno.args[0]];
if (view === undefined) {
  console.error(`usage: paint_sample.ts ${Object.keys(VIEWS).join(" | ")}`);
  Deno.exit(2);
}
const out = Deno.stdout.writable.getWriter();
await out.write(new TextEncoder().encode(`P6\n${view.width} ${view.height}\n255\n`));
await out.write(paint(view));
await out.close();
