// What hangs together without some values. Data in, data out: nothing of the page.
"use strict";
function xrefgraphPieces(data) {
  const {rows, columns, lumps} = data, R = rows.length, N = R + columns.length;
  const isCut = columns.map(one => new Set(one.cut));
  const touched = Array.from({length: R}, () => []);
  lumps.forEach((one, l) => one[0].forEach(r => touched[r].push([R + l, one[0]])));
  const joinedTo = Array.from({length: R}, () => []);
  data.joined.forEach(([a, b]) => { joinedTo[a].push(b); joinedTo[b].push(a); });
  const lumpsOfRow = new Map(data.lumps_of_row);

  // The pieces without the blocked values, exactly: a lump is what hangs together whatever is blocked.
  function without(blocked) {
    const top = Int32Array.from({length: R + lumps.length}, (_, n) => n);
    const find = n => { while (top[n] !== n) n = top[n] = top[top[n]]; return n; };
    const free = r => !blocked.has(r);
    lumps.forEach(([of], l) => of.forEach(r => { if (free(r)) top[find(r)] = find(R + l); }));
    data.joined.forEach(([a, b]) => { if (free(a) && free(b)) top[find(a)] = find(b); });
    const found = new Map(), left = {events: 0};
    const piece = key => found.get(key) ?? found.set(key, {alike: 1, events: 0, identifiers: 0, anchors: 0, named: [], least: Infinity}).get(key);
    lumps.forEach(([of, alike, events, identifiers, anchors], l) => {
      const loose = !of.some(free);
      if (loose && !identifiers) { left.events += events; return; }
      const one = piece(find(R + l));
      if (loose) one.alike = alike;
      one.events += events; one.identifiers += identifiers; one.anchors += anchors;
      one.least = Math.min(one.least, R + l);
    });
    rows.forEach((row, r) => {
      if (!row.one || !free(r)) return;
      const one = piece(find(r));
      one.identifiers += row.type >= 0 ? 1 : 0;
      one.least = Math.min(one.least, r);
      if (row.anchor || row.is_owner) one.named.push(r);
    });
    const list = [...found].sort(([, a], [, b]) => b.events - a.events || a.least - b.least);
    const place = new Map(list.map(([key], n) => [key, n]));
    const ofLump = l => place.get(find(R + l)) ?? -2;
    const single = some => { const all = new Set(some.map(ofLump)); return all.size === 1 ? [...all][0] : -1; };
    const of = new Int32Array(N);
    rows.forEach((row, r) => { of[r] = blocked.has(r) ? -2 : row.one ? place.get(find(r)) ?? -1 : single(lumpsOfRow.get(r) ?? []); });
    columns.forEach((one, c) => {
      const holds = one.rows.find(r => rows[r].one && free(r) && !isCut[c].has(r));
      of[R + c] = holds !== undefined ? of[holds] : single(data.lumps_of_column[c]);
    });
    return {list: list.map(([, one]) => one), left: left.events, of};
  }

  // The rows on a shortest way from one row to another without the blocked values; null where there is none.
  function between(a, b, blocked) {
    const before = new Map([[a, -1]]), seen = new Set();
    let front = [a];
    while (front.length && !before.has(b)) {
      const next = [];
      for (const r of front) {
        const near = [...joinedTo[r]];
        for (const [l, of] of touched[r]) if (!seen.has(l)) { seen.add(l); near.push(...of); }
        for (const other of near) if (!before.has(other) && !blocked.has(other)) { before.set(other, r); next.push(other); }
      }
      front = next;
    }
    if (!before.has(b)) return null;
    const way = [];
    for (let r = b; r >= 0; r = before.get(r)) way.unshift(r);
    return way;
  }

  return {without, between};
}
