import type { Page } from "playwright-core";

/** Centres of the coloured things in the picture to draw on, largest first, in fractions of it: whatever is not table, wall or gripper. */
export function objectsInPicture(page: Page): Promise<{ x: number; y: number }[]> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("[data-testid=draw] canvas")!;
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
    const isColoured = (i: number) => {
      const [r, g, b] = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!];
      const most = Math.max(r, g, b);
      return most > 50 && most - Math.min(r, g, b) > 0.65 * most; // wood reaches 0.5
    };
    const found: { x: number; y: number; n: number }[] = [];
    const done = new Set<number>();
    for (let start = 0; start < width * height; start++) {
      if (done.has(start) || !isColoured(start)) continue;
      const waiting = [start];
      done.add(start);
      let [n, sumX, sumY] = [0, 0, 0];
      for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
        n++;
        sumX += i % width;
        sumY += Math.floor(i / width);
        for (const next of [i - 1, i + 1, i - width, i + width])
          if (next >= 0 && next < width * height && !done.has(next) && isColoured(next)) {
            done.add(next);
            waiting.push(next);
          }
      }
      if (n >= 8) found.push({ x: (sumX / n + 0.5) / width, y: (sumY / n + 0.5) / height, n });
    }
    return found.sort((a, b) => b.n - a.n);
  });
}

/** Clicks at a place of the picture to draw on, fractions of it. */
export async function clickInPicture(page: Page, x: number, y: number): Promise<void> {
  const box = (await page.getByTestId("draw").boundingBox())!;
  await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
}
