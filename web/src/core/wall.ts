/** The wall of sites: how many cells, and who stands where. Pure. */

/** Cells across and down, and the side of the square that the stage takes at the top left. */
export interface WallGrid {
  readonly columns: number;
  readonly rows: number;
  readonly stage: number;
}

/** More sites than this stand on several pages, each in its own place. */
export const MOST_TILES = 40;

/** The grid for so many sites: no two meetings of the same size look different. */
export function wallGrid(sites: number): WallGrid {
  const wanted = Math.max(1, Math.min(sites, MOST_TILES));
  const fitting = GRIDS.filter((grid) => spare(grid, wanted) >= 0);
  return fitting.reduce((best, grid) => (cost(grid, wanted) < cost(best, wanted) ? grid : best));
}

const GRIDS: readonly WallGrid[] = [2, 3, 4, 5, 6, 7, 8].flatMap((rows) =>
  [rows, rows + 1, rows + 2].flatMap((columns) =>
    Array.from({ length: rows + 1 }, (_, stage) => ({ columns, rows, stage })).filter(
      ({ stage }) => stage * 2 >= rows && stage < columns,
    ),
  ),
);

function spare({ columns, rows, stage }: WallGrid, wanted: number): number {
  return columns * rows - stage * stage - wanted;
}

/** Empty cells cost most, then cells that are not as wide as a picture with its name below, then a small stage. */
function cost(grid: WallGrid, wanted: number): number {
  const { columns, rows, stage } = grid;
  return spare(grid, wanted) * 3 + Math.abs(columns - rows - 1) * 2 + Math.abs(stage / rows - 0.7) * 10;
}

/** The sites in pages of fixed places: a page is as full as the others, so that places do not depend on who is there. */
export function wallPages<Site>(sites: readonly Site[]): Site[][] {
  const count = Math.max(1, Math.ceil(sites.length / MOST_TILES));
  const size = Math.ceil(sites.length / count);
  return Array.from({ length: count }, (_, page) => sites.slice(page * size, (page + 1) * size));
}

/** So many letters stand on two lines, on three, where a wall has eight cells across. */
const [TWO_LINES, THREE_LINES, ACROSS] = [30, 46, 8];

/** How many lines a name needs below its picture; 4: smaller letters, too. The more cells, the narrower each is. */
export function nameLines(name: string, columns: number): 2 | 3 | 4 {
  const letters = (name.length * columns) / ACROSS;
  return letters <= TWO_LINES ? 2 : letters <= THREE_LINES ? 3 : 4;
}

/** The last three digits of a number: enough to tell two calls apart, and not the number itself. */
export function lastDigits(number: string): string {
  return number.replace(/\D/g, "").slice(-3);
}
