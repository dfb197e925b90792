import { z } from "zod";

/** The 80 classes of COCO in the order that YOLO exports use. */
const COCO = (
  "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat,dog," +
  "horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite," +
  "baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich," +
  "orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard," +
  "cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush"
).split(",");

/** Options that tie phrases to the classes of a closed vocabulary. */
export const labelOptions = {
  labels: z
    .union([z.literal("coco"), z.array(z.string())])
    .optional()
    .describe('Class names in the model\'s order, or "coco"; numbers otherwise'),
  aliases: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .describe("Words of phrases that no class is called by, and the classes the model gives such things"),
  anyClass: z.boolean().default(false).describe("Return every instance whatever its class, for class-agnostic models"),
};

type LabelOptions = z.output<z.ZodObject<typeof labelOptions>>;

/** A name for each of `nClasses` classes. */
export function classNames(labels: LabelOptions["labels"], nClasses: number): string[] {
  const names = labels === "coco" ? COCO : labels;
  return Array.from({ length: nClasses }, (_, i) => names?.[i] ?? String(i));
}

/** Whether a phrase asks for a class: its name is among the phrase's words (plurals too), or an alias of one of them. */
export function asksFor(phrase: string, label: string, aliases: LabelOptions["aliases"]): boolean {
  const words = phrase.toLowerCase();
  const has = (name: string) => new RegExp(`\\b${escaped(name.toLowerCase())}(s|es)?\\b`).test(words);
  return has(label) || Object.entries(aliases).some(([word, labels]) => has(word) && labels.includes(label));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
