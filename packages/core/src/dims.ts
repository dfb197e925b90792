/**
 * The single-letter dimensions of every shape in this project's docstrings:
 *
 * | letter | meaning | letter | meaning |
 * | --- | --- | --- | --- |
 * | B | batch | L | vision levels |
 * | T | sequence length | Nc | action chunk length |
 * | N | tokens of one segment | A | action dimensions |
 * | D | model width | S | state dimensions |
 * | H, W | image height, width in px | Np | pixel-aware tokens (E_p) |
 * | Dv | vision width | Ns | prompt-aware tokens (E_s) |
 */
export const DIMENSION_LETTERS = ["B", "T", "N", "D", "H", "W", "Dv", "L", "Nc", "A", "S", "Np", "Ns"] as const;
