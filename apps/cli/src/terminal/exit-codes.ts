/** What the command's exit status means. */
export const EXIT = {
  ok: 0,
  /** The work failed; the sentence is on stderr. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A fault of this software. */
  internal: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
