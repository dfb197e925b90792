/**
 * A picture-shaped flow network: every pixel is joined to source, sink and its eight neighbours. All arrays `[H, W]`, capacities
 * at least 0. `edges[k]` joins a pixel with the neighbour at `FORWARD[k]`; 0 where that lies outside.
 */
export interface GridNetwork {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Cost of calling the pixel background. */
  readonly source: Float32Array;
  /** Cost of calling it object. */
  readonly sink: Float32Array;
  readonly edges: readonly Float32Array[];
}

/** Neighbours that an edge is stored for, as [dx, dy]: right, down-left, down, down-right. */
export const FORWARD = [
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

const FREE = 0;
const OBJECT = 1;
const BACKGROUND = 2;
const NONE = -1;
const TERMINAL = 8;
const ORPHAN = 9;

/**
 * Minimum cut of a grid: 1 for object, 0 for background. Exact.
 *
 * Source: Boykov and Kolmogorov, "An experimental comparison of min-cut/max-flow algorithms", PAMI 2004, with the distance
 * marks of their section 3.2.
 */
export function minCut(network: GridNetwork): Uint8Array {
  return new BoykovKolmogorov(network).run();
}

/** Two search trees grow from source and sink; where they meet, flow is pushed and cut-off branches are adopted again. */
class BoykovKolmogorov {
  /** Residual capacity towards each of eight directions; direction `d ^ 1` is the opposite of `d`. */
  readonly #residual: Float32Array[];
  readonly #offset: Int32Array;
  /** Residual capacity to a terminal: above 0 from the source, below 0 to the sink. */
  readonly #terminal: Float32Array;
  readonly #tree: Uint8Array;
  /** Direction towards the parent, or NONE, TERMINAL, ORPHAN. */
  readonly #parent: Int8Array;
  readonly #distance: Int32Array;
  readonly #stamp: Int32Array;
  readonly #queued: Uint8Array;
  #active: number[] = [];
  #activeAt = 0;
  #orphans: number[] = [];
  #orphansAt = 0;
  #time = 0;

  constructor({ widthPx, heightPx, source, sink, edges }: GridNetwork) {
    const n = widthPx * heightPx;
    this.#residual = Array.from({ length: 8 }, () => new Float32Array(n));
    this.#offset = new Int32Array(8);
    FORWARD.forEach(([dx, dy], k) => {
      const offset = dy * widthPx + dx;
      this.#offset[2 * k] = offset;
      this.#offset[2 * k + 1] = -offset;
      const ahead = this.#residual[2 * k]!;
      const back = this.#residual[2 * k + 1]!;
      ahead.set(edges[k]!);
      for (let i = 0; i < n; i++) if (ahead[i]! > 0) back[i + offset] = ahead[i]!;
    });
    this.#terminal = source.map((value, i) => value - sink[i]!);
    this.#tree = new Uint8Array(n);
    this.#parent = new Int8Array(n).fill(NONE);
    this.#distance = new Int32Array(n);
    this.#stamp = new Int32Array(n);
    this.#queued = new Uint8Array(n);
  }

  run(): Uint8Array {
    this.#terminal.forEach((capacity, i) => {
      if (capacity === 0) return;
      this.#tree[i] = capacity > 0 ? OBJECT : BACKGROUND;
      this.#parent[i] = TERMINAL;
      this.#distance[i] = 1;
      this.#activate(i);
    });
    while (this.#activeAt < this.#active.length) {
      const node = this.#active[this.#activeAt]!;
      const meeting = this.#parent[node] === NONE ? NONE : this.#grow(node);
      if (meeting === NONE) {
        this.#queued[node] = 0;
        this.#activeAt++;
        if (this.#activeAt > 1 << 16) {
          this.#active = this.#active.slice(this.#activeAt);
          this.#activeAt = 0;
        }
        continue;
      }
      this.#time++;
      this.#augment(node, meeting);
      this.#adopt();
    }
    return this.#tree.map((tree) => (tree === OBJECT ? 1 : 0));
  }

  #activate(node: number): void {
    if (this.#queued[node] === 1) return;
    this.#queued[node] = 1;
    this.#active.push(node);
  }

  /** Residual capacity in the direction flow would take from `node` to its neighbour at `direction`, in `node`'s tree. */
  #open(node: number, direction: number, tree: number): number {
    return tree === OBJECT
      ? this.#residual[direction]![node]!
      : this.#residual[direction ^ 1]![node + this.#offset[direction]!]!;
  }

  #within(node: number): boolean {
    return node >= 0 && node < this.#tree.length;
  }

  /** Takes free neighbours in; the direction of a neighbour of the other tree, or NONE. */
  #grow(node: number): number {
    const tree = this.#tree[node]!;
    for (let direction = 0; direction < 8; direction++) {
      const next = node + this.#offset[direction]!;
      if (!this.#within(next) || !(this.#open(node, direction, tree) > 0)) continue;
      if (this.#tree[next] === FREE) {
        this.#tree[next] = tree;
        this.#parent[next] = direction ^ 1;
        this.#stamp[next] = this.#stamp[node]!;
        this.#distance[next] = this.#distance[node]! + 1;
        this.#activate(next);
      } else if (this.#tree[next] !== tree) return direction;
      else if (this.#stamp[next]! <= this.#stamp[node]! && this.#distance[next]! > this.#distance[node]! + 1) {
        this.#parent[next] = direction ^ 1; // a shorter way to the terminal
        this.#stamp[next] = this.#stamp[node]!;
        this.#distance[next] = this.#distance[node]! + 1;
      }
    }
    return NONE;
  }

  /** Pushes what fits through source ... object side - background side ... sink. */
  #augment(node: number, direction: number): void {
    const next = node + this.#offset[direction]!;
    const fromObject = this.#tree[node] === OBJECT;
    const [a, b, across] = fromObject ? [node, next, direction] : [next, node, direction ^ 1];
    let flow = this.#residual[across]![a]!;
    flow = Math.min(flow, this.#bottleneck(a, OBJECT), this.#bottleneck(b, BACKGROUND));
    this.#residual[across]![a]! -= flow;
    this.#residual[across ^ 1]![b]! += flow;
    this.#push(a, OBJECT, flow);
    this.#push(b, BACKGROUND, flow);
  }

  #bottleneck(start: number, tree: number): number {
    let least = Infinity;
    for (let node = start; ;) {
      const parent = this.#parent[node]!;
      if (parent === TERMINAL) return Math.min(least, Math.abs(this.#terminal[node]!));
      const above = node + this.#offset[parent]!;
      least = Math.min(least, tree === OBJECT ? this.#residual[parent ^ 1]![above]! : this.#residual[parent]![node]!);
      node = above;
    }
  }

  #push(start: number, tree: number, flow: number): void {
    for (let node = start; ;) {
      const parent = this.#parent[node]!;
      if (parent === TERMINAL) {
        this.#terminal[node]! += tree === OBJECT ? -flow : flow;
        if (this.#terminal[node] === 0) this.#orphan(node);
        return;
      }
      const above = node + this.#offset[parent]!;
      const [from, to, along] = tree === OBJECT ? [above, node, parent ^ 1] : [node, above, parent];
      this.#residual[along]![from]! -= flow;
      this.#residual[along ^ 1]![to]! += flow;
      if (this.#residual[along]![from] === 0) this.#orphan(node);
      node = above;
    }
  }

  #orphan(node: number): void {
    this.#parent[node] = ORPHAN;
    this.#orphans.push(node);
  }

  #adopt(): void {
    while (this.#orphansAt < this.#orphans.length) {
      const node = this.#orphans[this.#orphansAt++]!;
      const tree = this.#tree[node]!;
      let [best, bestDistance] = [NONE, Infinity];
      for (let direction = 0; direction < 8; direction++) {
        const next = node + this.#offset[direction]!;
        if (!this.#within(next) || this.#tree[next] !== tree) continue;
        // Flow would come from the neighbour in the object's tree and go to it in the other.
        if (!(this.#open(next, direction ^ 1, tree) > 0)) continue;
        const distance = this.#origin(next);
        if (distance < bestDistance) [best, bestDistance] = [direction, distance];
      }
      if (best !== NONE) {
        this.#parent[node] = best;
        this.#stamp[node] = this.#time;
        this.#distance[node] = bestDistance + 1;
        continue;
      }
      this.#release(node, tree);
    }
    this.#orphans = [];
    this.#orphansAt = 0;
  }

  #release(node: number, tree: number): void {
    for (let direction = 0; direction < 8; direction++) {
      const next = node + this.#offset[direction]!;
      if (!this.#within(next) || this.#tree[next] !== tree) continue;
      if (this.#open(next, direction ^ 1, tree) > 0) this.#activate(next);
      const parent = this.#parent[next]!;
      if (parent >= 0 && parent < TERMINAL && next + this.#offset[parent]! === node) this.#orphan(next);
    }
    this.#tree[node] = FREE;
    this.#parent[node] = NONE;
  }

  /** Steps to the terminal through parents, Infinity where an orphan lies on the way; marks what it passed. */
  #origin(start: number): number {
    let steps = 0;
    for (let node = start; ; node += this.#offset[this.#parent[node]!]!) {
      if (this.#stamp[node] === this.#time) {
        steps += this.#distance[node]!;
        break;
      }
      const parent = this.#parent[node]!;
      if (parent === ORPHAN || parent === NONE) return Infinity;
      steps++;
      if (parent === TERMINAL) {
        this.#stamp[node] = this.#time;
        this.#distance[node] = 1;
        break;
      }
    }
    let distance = steps;
    for (let node = start; this.#stamp[node] !== this.#time; node += this.#offset[this.#parent[node]!]!) {
      this.#stamp[node] = this.#time;
      this.#distance[node] = distance--;
    }
    return steps;
  }
}
