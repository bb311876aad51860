// Where labels go: the first ones first, each where it touches nothing. Data in, data out: nothing of the page.
//
// wanted: {n, x, y, k, text, width, must}, the middle of a node and how far from it a label begins; obstacles: {n, x, y, k, soft}, squares
// around nodes. What must be read may lie on soft ones, and a little further away. What finds no room is not among what comes back.
"use strict";
function xrefgraphLabels(wanted, obstacles, width, height) {
  const CELL = 64, HIGH = 14, grid = new Map();
  const cells = function* (x0, y0, x1, y1) {
    for (let i = Math.floor(x0 / CELL); i <= Math.floor(x1 / CELL); i++) for (let j = Math.floor(y0 / CELL); j <= Math.floor(y1 / CELL); j++) yield i * 100003 + j;
  };
  const put = (x0, y0, x1, y1, n, soft) => {
    for (const key of cells(x0, y0, x1, y1)) { if (!grid.has(key)) grid.set(key, []); grid.get(key).push({x0, y0, x1, y1, n, soft}); }
  };
  const isFree = (x0, y0, x1, y1, n, overSoft) => {
    if (x0 < 1 || y0 < 1 || x1 > width - 1 || y1 > height - 1) return false;
    for (const key of cells(x0, y0, x1, y1)) for (const box of grid.get(key) ?? [])
      if (box.n !== n && !(overSoft && box.soft) && x0 < box.x1 && x1 > box.x0 && y0 < box.y1 && y1 > box.y0) return false;
    return true;
  };
  for (const {n, x, y, k, soft} of obstacles) put(x - k, y - k, x + k, y + k, n, soft);
  const placed = [];
  for (const one of wanted) {
    const {n, x, y, width: w} = one;
    const spots = k => [[x - w / 2, y + k], [x + k, y - HIGH / 2], [x - w - k, y - HIGH / 2], [x - w / 2, y - k - HIGH],
      [x + k * 0.7, y + k * 0.7], [x - w - k * 0.7, y + k * 0.7], [x + k * 0.7, y - k * 0.7 - HIGH], [x - w - k * 0.7, y - k * 0.7 - HIGH]];
    const free = (some, overSoft) => some.find(([u, v]) => isFree(u, v, u + w, v + HIGH, n, overSoft));
    const spot = free(spots(one.k), false) ?? (one.must ? free([0, 8, 18].flatMap(more => spots(one.k + more)), true) : undefined);
    if (!spot) continue;
    put(spot[0], spot[1], spot[0] + w, spot[1] + HIGH, -1, false);
    placed.push({...one, middle: spot[0] + w / 2, base: spot[1] + 10.5});
  }
  return placed;
}
