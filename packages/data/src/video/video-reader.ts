import { stat } from "node:fs/promises";
import type { CodecContext, FormatContext, Frame, Packet, SoftwareScaleContext, Stream } from "node-av/lib";
import type { RgbImage } from "../episode.ts";
import { badVideo, missingFile } from "../errors.ts";
import { loadFfmpeg, type Ffmpeg } from "./ffmpeg.ts";

/** Decoding on is cheaper than seeking when the wanted frame is at most this many frames ahead. */
const MAX_FRAMES_AHEAD = 12;
/** dav1d and FFmpeg's own decoders gain little beyond this at robot resolutions. */
const DECODER_THREADS = 2;

/** What is known of a video before decoding it. */
export interface VideoInfo {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly codec: string;
  /** Average frame rate, 0 where the file does not say. */
  readonly fps: number;
  /** Frames the container counts, 0 where it does not say. */
  readonly nFrames: number;
  readonly durationS: number;
}

/**
 * One open video with random access by time. Frames asked for in order are decoded in one run; others seek to the key frame
 * before them. Decoding and colour conversion run on FFmpeg's threads; requests are served one after the other.
 */
export class VideoReader {
  readonly info: VideoInfo;
  readonly #file: string;
  readonly #ffmpeg: Ffmpeg;
  readonly #container: FormatContext;
  readonly #stream: Stream;
  readonly #decoder: CodecContext;
  readonly #scaler: SoftwareScaleContext;
  readonly #packet: Packet;
  readonly #secondsPerTick: number;
  /** Decoded frame at the cursor; empty before the first. */
  readonly #frame: Frame;
  /** Time of `#frame`, or undefined when none is decoded. */
  #timeS: number | undefined;
  #draining = false;
  #turn: Promise<unknown> = Promise.resolve();
  #converting: Promise<unknown> = Promise.resolve();
  #closing = false;

  private constructor(
    file: string,
    ffmpeg: Ffmpeg,
    container: FormatContext,
    stream: Stream,
    decoder: CodecContext,
    codec: string,
  ) {
    this.#file = file;
    this.#ffmpeg = ffmpeg;
    this.#container = container;
    this.#stream = stream;
    this.#decoder = decoder;
    this.#scaler = new ffmpeg.SoftwareScaleContext();
    this.#scaler.allocContext();
    this.#packet = new ffmpeg.Packet();
    this.#packet.alloc();
    this.#frame = new ffmpeg.Frame();
    this.#frame.alloc();
    this.#secondsPerTick = stream.timeBase.num / stream.timeBase.den;
    const { avgFrameRate, codecpar, nbFrames, duration } = stream;
    this.info = {
      widthPx: codecpar.width,
      heightPx: codecpar.height,
      codec,
      fps: avgFrameRate.den === 0 ? 0 : avgFrameRate.num / avgFrameRate.den,
      nFrames: Number(nbFrames),
      durationS: Number(duration) * this.#secondsPerTick,
    };
  }

  /**
   * Opens a video file. `name` is what errors call it.
   *
   * @throws PVLA_DATA_MISSING_FILE, PVLA_DATA_VIDEO, PVLA_DATA_DECODER
   */
  static async open(path: string, name: string): Promise<VideoReader> {
    await stat(path).catch(() => {
      throw missingFile(name, "though the dataset has this camera as video");
    });
    const ffmpeg = await loadFfmpeg(name);
    const { AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_AV1 } = ffmpeg.constants;
    const container = new ffmpeg.FormatContext();
    if ((await container.openInput(path, null, null)) < 0) throw badVideo(name, "no video container");
    try {
      await container.findStreamInfo(null);
      const index = container.findBestStream(AVMEDIA_TYPE_VIDEO);
      const stream = index < 0 ? undefined : container.streams[index];
      if (!stream) throw badVideo(name, "no video stream");
      const { codecId } = stream.codecpar;
      const dav1d =
        codecId === AV_CODEC_ID_AV1 ? ffmpeg.Codec.findDecoderByName(ffmpeg.constants.FF_DECODER_LIBDAV1D) : null;
      const codec = dav1d ?? ffmpeg.Codec.findDecoder(codecId);
      if (!codec) throw badVideo(name, `codec ${codecId}, which this build of FFmpeg cannot decode`);
      const decoder = new ffmpeg.CodecContext();
      decoder.allocContext3(codec);
      decoder.parametersToContext(stream.codecpar);
      decoder.pktTimebase = stream.timeBase;
      decoder.threadCount = DECODER_THREADS;
      if ((await decoder.open2(codec, null)) < 0) throw badVideo(name, `a ${codec.name} stream that does not open`);
      return new VideoReader(name, ffmpeg, container, stream, decoder, codec.name ?? "unknown");
    } catch (error) {
      await container.closeInput();
      throw error;
    }
  }

  /**
   * The frame nearest to `timeS` (seconds from the file's start).
   *
   * @throws PVLA_DATA_VIDEO when no frame lies within `toleranceS`: the video is shorter or has another frame rate
   */
  async frameAt(timeS: number, toleranceS: number): Promise<RgbImage> {
    if (this.#closing) throw badVideo(this.#file, "a reader that was closed already", { timeS });
    const frame = await this.#inTurn(async () => {
      await this.#moveTo(timeS, toleranceS);
      return this.#frame.clone();
    });
    if (!frame) throw badVideo(this.#file, "a frame that could not be copied (out of memory)", { timeS });
    try {
      return await this.#toRgb(frame, timeS);
    } finally {
      frame.free();
    }
  }

  /** Times of all frames, seconds, ascending, without decoding them. */
  frameTimes(): Promise<Float64Array> {
    return this.#inTurn(async () => {
      await this.#seek(0);
      const times: number[] = [];
      while ((await this.#container.readFrame(this.#packet)) >= 0) {
        if (this.#packet.streamIndex === this.#stream.index)
          times.push(Number(this.#packet.pts) * this.#secondsPerTick);
        this.#packet.unref();
      }
      this.#timeS = undefined;
      return Float64Array.from(times).sort();
    });
  }

  /** True once `close` was called: requests made before are still served, later ones refused. */
  get isClosed(): boolean {
    return this.#closing;
  }

  /** Frees native memory after serving the requests already made. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    return this.#inTurn(async () => {
      await this.#converting;
      this.#frame.free();
      this.#packet.free();
      this.#scaler.freeContext();
      this.#decoder.freeContext();
      await this.#container.closeInput();
    });
  }

  /** Requests run one after the other: a decoder has one position. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(task);
    this.#turn = run.catch(() => undefined);
    return run;
  }

  async #moveTo(timeS: number, toleranceS: number): Promise<void> {
    const stepS = this.info.fps > 0 ? 1 / this.info.fps : toleranceS * 2;
    const aheadS = this.#timeS === undefined ? Infinity : timeS - this.#timeS;
    if (Math.abs(aheadS) <= toleranceS) return;
    if (aheadS < 0 || aheadS > MAX_FRAMES_AHEAD * stepS) await this.#seek(Math.max(0, timeS - toleranceS));
    let last = this.#timeS;
    while (await this.#decodeNext()) {
      last = this.#timeS!;
      if (last >= timeS - toleranceS) break;
    }
    if (this.#timeS !== undefined && Math.abs(this.#timeS - timeS) <= toleranceS) return;
    const near = last === undefined ? "no frame at all" : `its nearest frame at ${last.toFixed(3)} s`;
    this.#timeS = undefined; // whatever comes next seeks
    throw badVideo(this.#file, `${near} (${describe(this.info)})`, {
      timeS,
      fix: "The video does not fit the table: it is shorter, damaged, or has another frame rate",
    });
  }

  /** Decodes one frame into `#frame`; false at the end of the file. */
  async #decodeNext(): Promise<boolean> {
    const { AVERROR_EAGAIN, AVERROR_EOF } = this.#ffmpeg.constants;
    for (;;) {
      this.#frame.unref();
      const received = await this.#decoder.receiveFrame(this.#frame);
      if (received >= 0) {
        const pts = this.#frame.bestEffortTimestamp;
        this.#timeS = Number(pts) * this.#secondsPerTick;
        return true;
      }
      this.#timeS = undefined;
      if (received === AVERROR_EOF) return false;
      if (received !== AVERROR_EAGAIN)
        throw badVideo(this.#file, `frames that do not decode (FFmpeg error ${received})`);
      await this.#feed();
    }
  }

  async #feed(): Promise<void> {
    for (;;) {
      const read = this.#draining ? -1 : await this.#container.readFrame(this.#packet);
      if (read < 0) {
        this.#draining = true;
        await this.#decoder.sendPacket(null);
        return;
      }
      const isOurs = this.#packet.streamIndex === this.#stream.index;
      const sent = isOurs ? await this.#decoder.sendPacket(this.#packet) : 0;
      this.#packet.unref();
      if (sent < 0) throw badVideo(this.#file, `a packet that does not decode (FFmpeg error ${sent})`);
      if (isOurs) return;
    }
  }

  async #seek(timeS: number): Promise<void> {
    const { AVSEEK_FLAG_BACKWARD } = this.#ffmpeg.constants;
    const ticks = BigInt(Math.floor(timeS / this.#secondsPerTick));
    const sought = await this.#container.seekFrame(this.#stream.index, ticks, AVSEEK_FLAG_BACKWARD);
    if (sought < 0) throw badVideo(this.#file, "a position that cannot be sought", { timeS });
    this.#decoder.flushBuffers();
    this.#draining = false;
    this.#timeS = undefined;
  }

  async #toRgb(source: Frame, timeS: number): Promise<RgbImage> {
    const rgb = new this.#ffmpeg.Frame();
    rgb.alloc();
    try {
      rgb.format = this.#ffmpeg.constants.AV_PIX_FMT_RGB24;
      rgb.width = source.width;
      rgb.height = source.height;
      const scaled = await this.#convertInTurn(rgb, source);
      if (scaled < 0)
        throw badVideo(this.#file, `pixels that cannot be converted to RGB (FFmpeg error ${scaled})`, { timeS });
      return { widthPx: source.width, heightPx: source.height, data: rgb.toBuffer() };
    } finally {
      rgb.free();
    }
  }

  /** One scaler, one conversion at a time; it overlaps the decoding of the next frame. */
  #convertInTurn(rgb: Frame, source: Frame): Promise<number> {
    const run = this.#converting.then(() => this.#scaler.scaleFrame(rgb, source));
    this.#converting = run.catch(() => undefined);
    return run;
  }
}

const describe = ({ nFrames, fps, durationS }: VideoInfo) =>
  `${nFrames > 0 ? `${nFrames} frames, ` : ""}${fps.toFixed(2)} fps, ${durationS.toFixed(3)} s`;
