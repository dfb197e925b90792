import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

const DOING = "Detecting objects by phrases";

export function noPhrases(): PixelVlaError {
  return pixelVlaError("PVLA_DETECT_PHRASES", {
    doing: DOING,
    found: "no phrase",
    needed: "at least one",
    fix: 'Say what to look for, e.g. "red mug"',
  });
}

export function blankPhrase(index: number, phrase: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_DETECT_PHRASES",
    {
      doing: DOING,
      found: `phrase ${index + 1} (${JSON.stringify(phrase)}) has no words`,
      fix: "Leave it out or say what to look for",
    },
    { index, phrase },
  );
}

export function phraseTooLong(phrase: string, found: number, limit: number): PixelVlaError {
  return pixelVlaError(
    "PVLA_DETECT_PHRASES",
    {
      doing: DOING,
      found: `a phrase of ${found} tokens ("${phrase.slice(0, 40)}...")`,
      needed: `at most ${limit}`,
      fix: "Shorten it to the object's name and what tells it apart",
    },
    { phrase, found, limit },
  );
}

/** The region to look at lies outside the picture or holds less than one pixel. */
export function emptyRegion(region: object, widthPx: number, heightPx: number): PixelVlaError {
  return pixelVlaError(
    "PVLA_DETECT_REGION",
    {
      doing: DOING,
      found: `a region without a pixel of the picture (${JSON.stringify(region)})`,
      needed: `a box that overlaps the ${widthPx}x${heightPx} px picture`,
    },
    { region },
  );
}

/** Fewer places in the feature pyramid than the model picks queries from. */
export function pictureTooSmall(places: number, queries: number, width: number, height: number): PixelVlaError {
  return pixelVlaError(
    "PVLA_DETECT_SIZE",
    {
      doing: DOING,
      found: `${places} places to look at in a model input of ${width}x${height} px`,
      needed: `at least ${queries}, the model's number of queries`,
      fix: "Raise options.shortestEdge, or look at a less elongated picture or region",
    },
    { places, queries },
  );
}

export function tokenizerUnusable(source: string, found: string, cause?: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_DETECT_TOKENIZER",
    {
      doing: `Reading the tokenizer of ${source}`,
      found,
      needed: "BERT's WordPiece tokenizer.json",
      fix: "Take tokenizer.json from the model's own folder",
    },
    {},
    cause,
  );
}
