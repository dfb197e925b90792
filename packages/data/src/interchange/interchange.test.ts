import fc from "fast-check";
import { expect, test } from "vitest";
import { maskFromRuns, runsFromMask } from "../masks/coco-rle.ts";
import { fromCoco, toCoco } from "./coco.ts";
import { fromCvat, toCvat } from "./cvat.ts";
import { frameFileName, frameOfFileName, type ImageAnnotations } from "./image-annotations.ts";
import { fromLabelStudio, labelStudioInterface, toLabelStudio } from "./label-studio.ts";
import { xmlTags } from "./xml.ts";

const data = new Uint8Array(20 * 30);
for (let y = 4; y < 11; y++) data.fill(1, y * 30 + 6 + (y % 2), y * 30 + 17);
const mask = runsFromMask({ heightPx: 20, widthPx: 30, data });

const IMAGES: ImageAnnotations[] = [
  {
    fileName: frameFileName("image_0", 12, 3, "jpg"),
    widthPx: 30,
    heightPx: 20,
    objects: [
      { label: 'red "can" & <lid>', mask, box: { x0: 6, y0: 4, x1: 17, y1: 11 }, points: [[9, 5]], score: 0.75 },
    ],
  },
  {
    fileName: frameFileName("image_0", 12, 4, "jpg"),
    widthPx: 30,
    heightPx: 20,
    objects: [{ label: "", mask, box: undefined, points: [], score: undefined }],
  },
];

const masksOf = (images: ImageAnnotations[]) =>
  images.map(({ fileName, objects }) => [
    fileName,
    objects.map((o) => [o.label, [...maskFromRuns(o.mask!).data].join("")]),
  ]);

test("COCO gives masks, labels, boxes and scores back", () => {
  const json: unknown = JSON.parse(JSON.stringify(toCoco(IMAGES, "test")));
  const read = fromCoco(json, "x.json");
  expect(masksOf(read)).toEqual(masksOf(IMAGES));
  expect(read[0]!.objects[0]).toMatchObject({ box: IMAGES[0]!.objects[0]!.box, score: 0.75 });
  expect(json).toMatchObject({
    annotations: [
      { area: mask.counts.filter((_, i) => i % 2 === 1).reduce((a, b) => a + b), bbox: [6, 4, 11, 7], iscrowd: 0 },
      {},
    ],
  });
});

test("CVAT gives masks, labels, boxes and points back", () => {
  const read = fromCvat(toCvat(IMAGES), "x.xml");
  expect(masksOf(read)).toEqual(masksOf(IMAGES));
  expect(read[0]!.objects[0]).toMatchObject({ box: IMAGES[0]!.objects[0]!.box, points: [[9, 5]] });
});

test("Label Studio gives masks, labels, boxes and points back", () => {
  const read = fromLabelStudio(JSON.parse(JSON.stringify(toLabelStudio(IMAGES, "/data/", "v1"))), "x.json");
  expect(masksOf(read)).toEqual(masksOf(IMAGES));
  expect(read[0]!.objects[0]!.box!.x1).toBeCloseTo(17);
  expect(labelStudioInterface(["a<b"])).toContain('value="a&lt;b"');
});

test("a polygon drawn in any of the tools becomes the same mask", () => {
  const ring = [6, 4, 16, 4, 16, 12, 6, 12];
  const coco = fromCoco(
    {
      images: [{ id: 1, file_name: "a.jpg", width: 30, height: 20 }],
      categories: [{ id: 3, name: "can" }],
      annotations: [{ image_id: 1, category_id: 3, segmentation: [ring], bbox: [6, 4, 10, 8] }],
    },
    "x",
  );
  const cvat = fromCvat(
    '<annotations><image id="0" name="a.jpg" width="30" height="20"><polygon label="can" points="6,4;16,4;16,12;6,12"/></image></annotations>',
    "x",
  );
  const points = [
    [6, 4],
    [16, 4],
    [16, 12],
    [6, 12],
  ].map(([x, y]) => [(x! * 100) / 30, (y! * 100) / 20]);
  const studio = fromLabelStudio(
    [
      {
        data: { image: "a.jpg" },
        annotations: [
          {
            result: [
              {
                type: "polygonlabels",
                original_width: 30,
                original_height: 20,
                value: { points, polygonlabels: ["can"] },
              },
            ],
          },
        ],
      },
    ],
    "x",
  );
  expect(masksOf(cvat)).toEqual(masksOf(coco));
  expect(masksOf(studio)).toEqual(masksOf(coco));
  expect([...coco[0]!.objects[0]!.mask!.counts].filter((_, i) => i % 2 === 1).reduce((a, b) => a + b)).toBe(80);
});

test("a cancelled or empty Label Studio task gives no image", () => {
  const tasks = [
    { data: { image: "a.jpg" }, annotations: [{ was_cancelled: true, result: [] }] },
    { data: { image: "b.jpg" } },
  ];
  expect(fromLabelStudio(tasks, "x")).toEqual([]);
});

test("frame names survive the folders that tools put before them", () => {
  expect(frameOfFileName("/data/local-files/?d=images/observation_images_cam/episode_000012/frame_000345.jpg")).toEqual(
    { episodeIndex: 12, rawFrame: 345 },
  );
  expect(frameOfFileName("cat.jpg")).toBeUndefined();
});

test.each([
  ["a COCO file of another kind", () => fromCoco({ images: [] }, "x.json")],
  ["a COCO annotation of an unlisted image", () => fromCoco({ images: [], annotations: [{ image_id: 1 }] }, "x.json")],
  [
    "a COCO mask of another size",
    () =>
      fromCoco(
        {
          images: [{ id: 1, file_name: "a", width: 3, height: 3 }],
          annotations: [{ image_id: 1, segmentation: { size: [4, 3], counts: "251L2" } }],
        },
        "x.json",
      ),
  ],
  ["CVAT tracks", () => fromCvat("<annotations><track/></annotations>", "x.xml")],
  ["an XML file of another kind", () => fromCvat("<html></html>", "x.xml")],
  [
    "a CVAT mask that leaves its image",
    () =>
      fromCvat(
        '<annotations><image name="a" width="4" height="4"><mask label="x" rle="0,9" left="2" top="2" width="3" height="3"/></image></annotations>',
        "x.xml",
      ),
  ],
  ["a Label Studio file of another kind", () => fromLabelStudio({}, "x.json")],
])("%s is refused with a sentence", (_, read) => {
  expect(read).toThrow(expect.objectContaining({ code: expect.stringMatching(/^PVLA_(INTERCHANGE|MASK)_/) as string }));
});

test("no text makes the parsers do anything but read or refuse", () => {
  const tag = fc.constantFrom(
    "<annotations>",
    "<image ",
    "width='9' ",
    'height="8"',
    ">",
    "<mask ",
    "label='a' ",
    'rle="1,2" ',
    "left='0'",
    "/>",
    "&#x41;",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "&amp;",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(tag).map((parts) => parts.join("")),
        fc.string(),
      ),
      fc.json(),
      (xml, json) => {
        expect(Array.from(xmlTags(xml)).length).toBeGreaterThanOrEqual(0);
        const tolerant = (read: () => unknown) => {
          try {
            read();
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/^PVLA_(INTERCHANGE|MASK)_/);
          }
        };
        tolerant(() => fromCvat(xml, "x"));
        tolerant(() => fromCoco(JSON.parse(json), "x"));
        tolerant(() => fromLabelStudio(JSON.parse(json), "x"));
      },
    ),
    { numRuns: 300 },
  );
});
