/** Where a picture stands in a box of another shape: whole, in the middle, with bars around it. Pure. */
import type { Box } from "./viewport";

export interface Place extends Box {
  readonly left: number;
  readonly top: number;
}

/** As `object-fit: contain` does it, in the box's pixels. */
export function letterboxed(picture: Box, box: Box): Place {
  const scale = Math.min(box.width / Math.max(1, picture.width), box.height / Math.max(1, picture.height));
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { left: (box.width - width) / 2, top: (box.height - height) / 2, width, height };
}
