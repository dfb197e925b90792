import type { MemoryConfig } from "../config.ts";

export type Direction = "forward" | "backward";

/** What one object left in one frame. */
export interface FrameRecord {
  readonly frameIndex: number;
  /** Logit of the object being there. */
  readonly objectScore: number;
  /** `[D]` */
  readonly pointer: Float32Array;
  /** Number of its memory tokens in the spool. */
  readonly memory: number;
  /** Mask logits `[S/4, S/4]`, kept only where a prompt was given: such frames are shown again, not tracked again. */
  readonly prompted: Float32Array | undefined;
}

/** A remembered frame and the row of the temporal code that its memory tokens get. */
export interface RememberedFrame {
  readonly record: FrameRecord;
  readonly slot: number;
}

export interface RememberedPointer {
  readonly pointer: Float32Array;
  /** Frames between then and now, in the direction of tracking. */
  readonly distance: number;
}

/** Everything known of one object of a video. */
export class ObjectTrack {
  /** Prompted frames that had not been tracked before: always remembered. */
  readonly conditioning = new Map<number, FrameRecord>();
  /** Tracked frames, corrected ones among them: remembered while they are near. */
  readonly tracked = new Map<number, FrameRecord>();
  /** How each tracked frame was reached last. */
  readonly directions = new Map<number, Direction>();

  get(frameIndex: number): FrameRecord | undefined {
    return this.conditioning.get(frameIndex) ?? this.tracked.get(frameIndex);
  }

  /** Keeps a record: as conditioning when the frame is prompted and was never tracked. */
  set(record: FrameRecord, isConditioning: boolean): void {
    (isConditioning ? this.conditioning : this.tracked).set(record.frameIndex, record);
  }

  /**
   * Frames whose memory tokens take part at `frameIndex`: the conditioning frames, then up to `nSlots - 1` neighbours on
   * the side that tracking comes from, farthest first.
   */
  memories(frameIndex: number, direction: Direction, { nSlots, maxConditioning }: MemoryConfig): RememberedFrame[] {
    const { selected, rest } = this.#closest(frameIndex, maxConditioning);
    const remembered = selected.map((record) => ({ record, slot: nSlots - 1 }));
    for (let offset = nSlots - 1; offset > 0; offset--) {
      const at = direction === "forward" ? frameIndex - offset : frameIndex + offset;
      const record = this.tracked.get(at) ?? rest.get(at);
      if (record !== undefined) remembered.push({ record, slot: offset - 1 });
    }
    return remembered;
  }

  /** Pointers of conditioning frames passed already, and of tracked frames less than `maxPointers` away. */
  pointers(frameIndex: number, direction: Direction, nFrames: number, maxPointers: number): RememberedPointer[] {
    const sign = direction === "forward" ? 1 : -1;
    const found: RememberedPointer[] = [];
    for (const record of this.conditioning.values()) {
      const distance = (frameIndex - record.frameIndex) * sign;
      if (distance >= 0) found.push({ pointer: record.pointer, distance });
    }
    for (let distance = 1; distance < Math.min(nFrames, maxPointers); distance++) {
      const record = this.tracked.get(frameIndex - sign * distance);
      if (record !== undefined) found.push({ pointer: record.pointer, distance });
    }
    return found;
  }

  /** The closest conditioning frame before and after, then the closest others, up to `most`. */
  #closest(frameIndex: number, most: number | undefined): { selected: FrameRecord[]; rest: Map<number, FrameRecord> } {
    const all = [...this.conditioning.values()];
    if (most === undefined || all.length <= most) return { selected: all, rest: new Map() };
    const byDistance = (records: FrameRecord[]) =>
      records.sort((a, b) => Math.abs(a.frameIndex - frameIndex) - Math.abs(b.frameIndex - frameIndex));
    const before = byDistance(all.filter((r) => r.frameIndex < frameIndex)).slice(0, 1);
    const after = byDistance(all.filter((r) => r.frameIndex >= frameIndex)).slice(0, 1);
    const first = [...before, ...after];
    const others = byDistance(all.filter((r) => !first.includes(r)));
    const selected = [...first, ...others.slice(0, Math.max(0, most - first.length))];
    const rest = all.filter((r) => !selected.includes(r));
    return { selected, rest: new Map(rest.map((r) => [r.frameIndex, r])) };
  }
}
