/** Flagged accounts and their addresses as a graph: addresses in the middle, accounts around them. */
import { formatCount, plural } from "../format.ts";
import type { Ring } from "../model/raised-flags.ts";
import type { Shape } from "./diagram.ts";
import { tipHtml } from "./option.ts";
import { rampColour, type ChartTheme } from "./theme.ts";

export interface RingsOptions {
  readonly width: number;
  readonly height: number;
  readonly theme: ChartTheme;
}

/** A ring with its names needs this much room; what does not fit is told in words, not drawn. */
const CELL_HEIGHT_PX = 74;
/** Widths of a cell and of a name, in sizes of the text. */
const CELL_EM = 15.6;
const NAME_EM = 8;
const ROUND_PX_MIN = 150;
/** A name's line, and an address with its name below. */
const NAME_PX = 15;
const ADDRESS_ROW_PX = 34;
const ADDRESS_PX = 6;
const ACCOUNT_PX = 4.5;

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Data → shapes, the largest rings first, as many as there is room for side by side and below. */
export function ringShapes(
  rings: readonly Ring[],
  options: RingsOptions,
): { readonly shapes: Shape[]; readonly drawn: number } {
  const { width, height, theme } = options;
  const columns = Math.max(1, Math.floor(width / (CELL_EM * theme.fontPx)));
  const cellWidth = width / columns;
  const shapes: Shape[] = [];
  const filled = Array.from({ length: columns }, () => 0);
  let drawn = 0;
  for (const ring of rings) {
    const many = ring.links.length > 2;
    // A ring of many takes two columns, so that its names stand apart.
    const wide = many ? Math.min(2, columns) : 1;
    const tall = many ? roundPx(ring) : CELL_HEIGHT_PX;
    const { column, y } = highestPlace(filled, wide);
    // The first one is drawn in any case, and smaller ones may have room where a larger one has not.
    if (y + tall > height && drawn > 0) continue;
    const cell = {
      x: column * cellWidth,
      y,
      width: wide * cellWidth,
      height: Math.min(tall, height),
    };
    shapes.push(...ringOf(ring, cell, theme));
    filled.fill(y + tall, column, column + wide);
    drawn += 1;
  }
  return { shapes, drawn };
}

/** Where so many columns side by side are free from furthest up. */
function highestPlace(filled: readonly number[], wide: number): { column: number; y: number } {
  let [column, y] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i + wide <= filled.length; i += 1) {
    const top = Math.max(...filled.slice(i, i + wide));
    if (top < y) [column, y] = [i, top];
  }
  return { column, y };
}

/** High enough that neither names of accounts nor addresses lie on each other. */
function roundPx({ accounts, addresses }: Ring): number {
  const names = Math.ceil(accounts.length / 2) * NAME_PX;
  return Math.max(ROUND_PX_MIN, 2 * NAME_PX + Math.max(names, addresses.length * ADDRESS_ROW_PX));
}

function ringOf(ring: Ring, cell: Cell, theme: ChartTheme): Shape[] {
  const place = new Map<string, { x: number; y: number }>();
  const middleY = cell.y + cell.height / 2;
  const few = ring.links.length <= 2;
  const centreX = cell.x + (few ? 18 : cell.width / 2);
  ring.addresses.forEach((address, i) => {
    const spread = (i - (ring.addresses.length - 1) / 2) * ADDRESS_ROW_PX;
    place.set(`@${address}`, { x: centreX, y: middleY + spread });
  });
  const radiusX = Math.max(30, cell.width / 2 - NAME_EM * theme.fontPx);
  const radiusY = Math.max(20, cell.height / 2 - 16);
  ring.accounts.forEach((account, i) => {
    place.set(
      account,
      few
        ? { x: centreX + 46, y: middleY + (i - (ring.accounts.length - 1) / 2) * 30 }
        : onEllipse(i, ring.accounts.length, { centreX, middleY, radiusX, radiusY }),
    );
  });
  const wires = ring.links.flatMap((link): Shape[] => {
    const [from, to] = [place.get(`@${link.address}`), place.get(link.account)];
    if (from === undefined || to === undefined) return [];
    return [
      {
        kind: "wire",
        x1: from.x,
        y1: from.y,
        x2: to.x,
        y2: to.y,
        widthPx: Math.min(4, 1 + Math.log2(link.flags)),
        stroke: rampColour([theme.rest, theme.hot], link.score),
      },
    ];
  });
  return [
    ...wires,
    ...ring.addresses.map((address) =>
      addressDot(address, ring, place.get(`@${address}`), theme, few),
    ),
    ...ring.accounts.map((account) =>
      accountDot(account, ring, { at: place.get(account), centreX, few }, theme),
    ),
  ];
}

/** Down the right side and then down the left one, in even steps: names are lines of text. */
function onEllipse(
  i: number,
  all: number,
  at: { centreX: number; middleY: number; radiusX: number; radiusY: number },
): { x: number; y: number } {
  const right = Math.ceil(all / 2);
  const onRight = i < right;
  const [n, of] = onRight ? [i, right] : [i - right, all - right];
  const down = of === 1 ? 0 : (2 * n) / (of - 1) - 1;
  // Flatter than a circle at its ends: no account stands above the addresses.
  const out = at.radiusX * Math.sqrt(1 - 0.6 * down ** 2);
  return { x: at.centreX + (onRight ? out : -out), y: at.middleY + down * at.radiusY };
}

const ORIGIN = { x: 0, y: 0 } as const;

function addressDot(
  address: string,
  ring: Ring,
  at: { x: number; y: number } = ORIGIN,
  theme: ChartTheme,
  few: boolean,
): Shape {
  const accounts = ring.links.filter((link) => link.address === address).length;
  return {
    kind: "box",
    x: at.x - ADDRESS_PX,
    y: at.y - ADDRESS_PX,
    width: 2 * ADDRESS_PX,
    height: 2 * ADDRESS_PX,
    radiusPx: 3,
    fill: theme.accent,
    tip: tipHtml(address, [{ name: "behind it", value: plural(accounts, "account") }]),
    labels: [
      few
        ? { x: at.x - ADDRESS_PX, y: at.y + 16, text: address, colour: theme.textQuiet }
        : {
            x: at.x,
            y: at.y + 15,
            text: address,
            colour: theme.textQuiet,
            align: "center",
            halo: true,
          },
    ],
  };
}

function accountDot(
  account: string,
  ring: Ring,
  where: { at: { x: number; y: number } | undefined; centreX: number; few: boolean },
  theme: ChartTheme,
): Shape {
  const at = where.at ?? ORIGIN;
  const links = ring.links.filter((link) => link.account === account);
  const score = Math.max(...links.map((link) => link.score));
  const rightward = where.few || at.x >= where.centreX - 1;
  return {
    kind: "dot",
    x: at.x,
    y: at.y,
    radiusPx: ACCOUNT_PX,
    fill: theme.hot,
    pick: account,
    tip: tipHtml(account, [
      { name: "flags", value: formatCount(links.reduce((sum, link) => sum + link.flags, 0)) },
      { name: "highest score", value: score.toFixed(2) },
    ]),
    labels: [
      {
        x: at.x + (rightward ? 9 : -9),
        y: at.y,
        text: account,
        colour: theme.text,
        align: rightward ? "left" : "right",
      },
    ],
  };
}
