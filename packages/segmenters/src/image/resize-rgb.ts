// The kernels are shared with the policies' image path and live in the data package.
export { resizeRgb, type ResizeFlavour, type ResizeRgbOptions } from "@pixelvla/data";
