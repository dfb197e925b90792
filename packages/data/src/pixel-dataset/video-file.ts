import type { RgbImage } from "../episode.ts";
import { syncFile } from "./durable-files.ts";
import { cannotEncode, cannotWrite } from "./errors.ts";
import type { ImageStorage } from "./layout.ts";

type NodeAv = typeof import("node-av/lib");
type Constants = typeof import("node-av/constants");

/**
 * Encoder settings. Every second frame is a key frame, so that any frame is at most one decode away; AV1 at quality 30
 * is LeRobot's default.
 */
const ENCODERS = {
  av1: { name: "libsvtav1", options: { crf: "30", preset: "8" } },
  h264: { name: "libx264", options: { crf: "18", preset: "veryfast" } },
} as const;

/** One mp4 being written, frame by frame at a constant rate; frame `i` is shown at exactly `i / fps` seconds. */
export interface VideoFile {
  readonly nFrames: number;
  add(image: RgbImage): Promise<void>;
  /** Completes the file and leaves it on the disk (fsync). */
  finish(): Promise<void>;
  /** Gives up: releases the encoder, the file stays unfinished. */
  abort(): void;
}

/**
 * Starts a video.
 *
 * @param size even width and height: the codecs halve the colour resolution
 * @throws PVLA_PIXELS_ENCODE without the optional package node-av, or for a size that cannot be encoded
 */
export async function createVideoFile(
  path: string,
  codec: Exclude<ImageStorage, "stored">,
  size: { widthPx: number; heightPx: number; fps: number },
): Promise<VideoFile> {
  const { widthPx, heightPx, fps } = size;
  const doing = `Encoding ${path}`;
  if (widthPx % 2 !== 0 || heightPx % 2 !== 0)
    throw cannotEncode(
      doing,
      `frames of ${widthPx}x${heightPx} pixels, video needs an even width and height`,
      'Store the images as they are (images "stored")',
    );
  process.env["SVT_LOG"] ??= "1"; // errors only: the encoder prints its settings otherwise
  let av: NodeAv;
  let constants: Constants;
  try {
    [av, constants] = await Promise.all([import("node-av/lib"), import("node-av/constants")]);
  } catch (cause) {
    throw cannotEncode(
      doing,
      'the optional package "node-av" (FFmpeg) is not installed or does not load',
      'Install it with "npm install node-av", or store the images as they are',
      cause,
    );
  }
  const { Codec, CodecContext, Dictionary, FFmpegError, FormatContext, Frame, Log, Packet, SoftwareScaleContext } = av;
  Log.setLevel(constants.AV_LOG_ERROR);
  const check = (result: number, what: string) => {
    if (result >= 0) return;
    const cause = new FFmpegError(result);
    if (/no space/i.test(cause.message)) throw cannotWrite(path, Object.assign(cause, { code: "ENOSPC" }));
    throw cannotEncode(
      doing,
      `${what} failed (${cause.message})`,
      "Store the images as they are, or choose the other codec",
      cause,
    );
  };
  const { name, options } = ENCODERS[codec];
  const encoder = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]);
  if (encoder === null)
    throw cannotEncode(
      doing,
      `this FFmpeg has no encoder "${name}"`,
      "Choose the other codec or store the images as they are",
    );

  const rate = rational(fps);
  const context = new CodecContext();
  context.allocContext3(encoder);
  context.width = widthPx;
  context.height = heightPx;
  context.pixelFormat = constants.AV_PIX_FMT_YUV420P;
  context.timeBase = new av.Rational(rate.den, rate.num);
  context.framerate = new av.Rational(rate.num, rate.den);
  context.gopSize = 2;
  context.maxBFrames = 0;
  context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
  check(await context.open2(encoder, Dictionary.fromObject(options)), "opening the encoder");
  const output = new FormatContext();
  check(output.allocOutputContext2(null, "mp4", path), "opening the file");
  const stream = output.newStream(encoder);
  stream.timeBase = context.timeBase;
  check(stream.codecpar.fromContext(context), "describing the stream");
  check(await output.openOutput(), "creating the file");
  check(await output.writeHeader(), "writing the file's head");
  const scaler = new SoftwareScaleContext();
  scaler.getContext(
    widthPx,
    heightPx,
    constants.AV_PIX_FMT_RGB24,
    widthPx,
    heightPx,
    constants.AV_PIX_FMT_YUV420P,
    constants.SWS_BICUBIC,
  );
  const packet = new Packet();
  packet.alloc();
  const durationTicks = BigInt(Math.round((stream.timeBase.den * rate.den) / (stream.timeBase.num * rate.num)));
  let nFrames = 0;

  const drain = async () => {
    while ((await context.receivePacket(packet)) >= 0) {
      packet.rescaleTs(context.timeBase, stream.timeBase);
      packet.streamIndex = stream.index;
      packet.duration = durationTicks;
      check(await output.interleavedWriteFrame(packet), "writing a frame");
    }
  };
  const release = () => {
    packet.free();
    scaler.freeContext();
    context.freeContext();
  };
  return {
    get nFrames() {
      return nFrames;
    },
    async add(image) {
      if (image.widthPx !== widthPx || image.heightPx !== heightPx)
        throw cannotEncode(
          doing,
          `frame ${nFrames} of ${image.widthPx}x${image.heightPx} pixels in a video of ${widthPx}x${heightPx}`,
          "Give all frames of a camera one size",
        );
      const rgb = Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength);
      const source = Frame.fromVideoBuffer(rgb, {
        width: widthPx,
        height: heightPx,
        format: constants.AV_PIX_FMT_RGB24,
        timeBase: context.timeBase,
      });
      const frame = new Frame();
      try {
        frame.alloc();
        frame.width = widthPx;
        frame.height = heightPx;
        frame.format = constants.AV_PIX_FMT_YUV420P;
        check(frame.getBuffer(), "allocating a frame");
        check(await scaler.scaleFrame(frame, source), "converting colours");
        frame.pts = BigInt(nFrames);
        check(await context.sendFrame(frame), "encoding a frame");
        nFrames++;
        await drain();
      } finally {
        source.free();
        frame.free();
      }
    },
    async finish() {
      check(await context.sendFrame(null), "finishing the stream");
      await drain();
      check(await output.writeTrailer(), "writing the file's end");
      await output.closeOutput();
      release();
      await syncFile(path);
    },
    abort() {
      output.closeOutputSync();
      release();
    },
  };
}

/** Frames per second as a fraction: 29.97 -> 30000/1001. */
function rational(fps: number): { num: number; den: number } {
  if (Number.isInteger(fps)) return { num: fps, den: 1 };
  const ntsc = Math.round(fps * 1.001);
  if (Math.abs((ntsc * 1000) / 1001 - fps) < 0.005) return { num: ntsc * 1000, den: 1001 };
  return { num: Math.round(fps * 1000), den: 1000 };
}
