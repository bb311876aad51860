// The page on which a profile is looked at: mountXrefgraph(root, data, host) makes it in an element.
// No library, no network, nothing is kept. Values come from outside: they become text by textContent, and nothing else.
// What hangs together stands in pieces.js, where labels go in labels.js, the events over time in timeline.js.
"use strict";
function mountXrefgraph(root, data, host = {}) {
  const started = performance.now();
  const {rows, columns, types, time, lumps} = data;
  const R = rows.length, N = R + columns.length, STEPS = time.labels.length, ALL = STEPS - 1;
  const node = n => (n < R ? rows[n] : columns[n - R]);
  const state = {blocked: new Set(), off: new Set(), step: ALL, hits: [], hit: -1, selected: -1, focus: -1, moved: false};
  const timings = {};

  // ------------------------------------------------------------------------------ elements and words
  const made = (document_of, tag, props, kids) => {
    const one = document_of(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name === "text") one.textContent = value;
      else if (name.startsWith("on")) one.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== false) one.setAttribute(name, value === true ? "" : value);
    }
    one.append(...kids.filter(kid => kid !== null && kid !== undefined));
    return one;
  };
  const h = (tag, props = {}, ...kids) => made(name => document.createElement(name), tag, props, kids);
  const s = (tag, props = {}, ...kids) => made(name => document.createElementNS("http://www.w3.org/2000/svg", name), tag, props, kids);
  const number = n => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const counted = (n, noun, several = noun + "s") => `${number(n)} ${n === 1 ? noun : several}`;
  const series = some => some.slice(0, -1).join(", ") + (some.length > 1 ? " and " : "") + some.slice(-1).join("");
  const brief = (text, most = 26) => {
    const all = [...text];
    if (all.length <= most) return text;
    const front = (most - 1) >> 1;
    return all.slice(0, front).join("") + "…" + all.slice(all.length - (most - 1 - front)).join("");
  };
  const shown = row => row.shown ?? row.value;
  const typeName = row => (row.type < 0 ? "event" : types[row.type].name);
  const nameOf = (n, most = 40) => {
    if (n >= R) return `${counted(columns[n - R].events, "event")} of ${series(columns[n - R].rows.slice(0, 2).map(r => brief(shown(rows[r]), 18)))}`;
    return rows[n].one ? `${typeName(rows[n])} ${brief(shown(rows[n]), most)}` : shown(rows[n]);
  };
  const span = one => (!one.first ? "" : !one.last || one.first === one.last ? one.first : `${one.first} to ${one.last}`);

  // ------------------------------------------------------------------- what is linked to what
  const linksOf = Array.from({length: N}, () => []);
  const isCut = columns.map(one => new Set(one.cut));
  columns.forEach((one, c) => one.rows.forEach(r => { linksOf[r].push(R + c); linksOf[R + c].push(r); }));
  const {without: piecesWithout, between: wayBetween} = xrefgraphPieces(data);

  // ------------------------------------------------------------------------------------ the frame
  const status = h("p", {class: "xg-status", role: "status", "aria-live": "polite"});
  const search = h("input", {type: "search", class: "xg-search", placeholder: "search a value or an event", "aria-label": "Search a value or an event",
    oninput: () => find(), onkeydown: event => { if (event.key === "Enter") { event.preventDefault(); jump(event.shiftKey ? -1 : 1); } }});
  const hits = h("span", {class: "xg-hits", role: "status"});
  const svg = s("svg", {class: "xg-graph", role: "group", "aria-label": "Graph of the profile. Arrow keys move from node to node, n and p go through all of them, Enter shows the evidence, b blocks a value, plus and minus zoom, 0 shows everything."});
  const edgeLayer = s("g", {class: "xg-edges"}), nodeLayer = s("g", {class: "xg-nodes"});
  const labelLayer = s("g", {class: "xg-labels", "aria-hidden": "true"}), marks = s("g", {class: "xg-marks", "aria-hidden": "true"});
  svg.append(edgeLayer, marks, nodeLayer, labelLayer);
  const labelWords = h("span"), folded = h("span", {text: data.folding ? `${data.folding}. ` : ""});
  const legend = h("span", {text: `Square: identifier${types.some(type => type.glyph === "ID" && type.drawn) ? "; hexagon: anchor" : ""}; circle: alike events, ×2 how many${data.owners.length > 1 ? ", coloured by side" : ""}${data.suspicions.length ? "; orange rim: suspected" : ""}${columns.some(one => one.cut.length) ? "; dashed: link that was cut" : ""}${data.decided.length ? "; dotted: link by a decision" : ""}. Drag to move, Ctrl and wheel to zoom.`});
  const panel = h("div", {class: "xg-panel", "aria-label": "Evidence"});
  const joins = h("section", {class: "xg-joins"}), chosen = h("section", {class: "xg-chosen", "aria-live": "polite"}), whatIf = h("section", {class: "xg-whatif"});
  panel.append(joins, chosen, whatIf);
  const button = (text, does, props = {}) => h("button", {type: "button", text, onclick: does, ...props});
  const mask = {partial: "Values are masked: only their ends are shown.", hash: "Values are masked: each is shown as a keyed hash."}[data.mask]
    ?? "Values are not masked: this page shows them as they are.";
  const filters = types.map((type, t) => !type.drawn ? null : h("label", {class: "xg-type"},
    h("input", {type: "checkbox", checked: true, "data-type": type.name, onchange: event => { event.target.checked ? state.off.delete(t) : state.off.add(t); paint(); }}),
    chip(t), h("span", {text: type.name})));

  function chip(t) {
    const one = h("span", {class: "xg-chip" + (t >= 0 && types[t].glyph === "ID" ? " xg-anchor" : ""), text: t < 0 ? "E" : types[t].glyph, "aria-hidden": "true"});
    if (t >= 0) { one.style.background = types[t].colour; one.style.color = types[t].text; }
    return one;
  }

  const timeline = h("section", {class: "xg-time", "aria-label": "Time"});
  const until = h("output", {class: "xg-until"});
  const slider = h("input", {type: "range", class: "xg-slider", min: 0, max: Math.max(ALL, 0), value: Math.max(ALL, 0), "aria-label": "Show the events until",
    oninput: () => { state.step = Number(slider.value); paint(); }});
  const paths = h("section", {class: "xg-paths"});
  root.classList.add("xg");
  root.replaceChildren(
    h("header", {},
      h("h1", {text: data.title + (data.profiles > 3 ? ` and ${number(data.profiles - 3)} more` : "")}),
      h("p", {class: "xg-size", text: data.size}),
      h("p", {class: "xg-mask" + (data.mask ? "" : " xg-open"), text: mask}),
      ...data.sentences.map(text => h("p", {class: "xg-answer", text}))),
    h("div", {class: "xg-tools", role: "toolbar", "aria-label": "Search and filter"}, search, hits, ...filters),
    h("div", {class: "xg-body"},
      h("div", {class: "xg-stage"},
        h("div", {class: "xg-zoom"}, button("+", () => zoom(1.4), {"aria-label": "Zoom in"}), button("−", () => zoom(1 / 1.4), {"aria-label": "Zoom out"}), button("fit", () => fit(), {"aria-label": "Show everything"})),
        svg, h("p", {class: "xg-words"}, folded, labelWords, legend)),
      panel),
    timeline, paths, status);

  // -------------------------------------------------------------------------------------- the graph
  const SHAPES = {
    square: "M-1-.7Q-1-1-.7-1H.7Q1-1 1-.7V.7Q1 1 .7 1H-.7Q-1 1-1 .7Z",
    several: "M-.7-1.3H1.3V.7M-1-.7Q-1-1-.7-1H.7Q1-1 1-.7V.7Q1 1 .7 1H-.7Q-1 1-1 .7Z",
    hexagon: "M-1.2 0L-.6-1.05H.6L1.2 0 .6 1.05H-.6Z",
    circle: "M-1 0A1 1 0 1 1 1 0A1 1 0 1 1-1 0Z",
    cross: "M-1.3-1.3L1.3 1.3M1.3-1.3L-1.3 1.3",
  };
  const items = [];
  for (let n = 0; n < N; n++) {
    const one = node(n), isRow = n < R, event = !isRow || one.type < 0;
    const shape = event ? "circle" : one.anchor ? "hexagon" : one.one ? "square" : "several";
    const path = s("path", {class: "xg-shape", d: SHAPES[shape]});
    const text = isRow ? (one.type < 0 ? "E" : types[one.type].glyph) : "";
    const label = s("text", {class: "xg-glyph", "text-anchor": "middle", text: isRow ? text : one.events > 1 ? `×${number(one.events)}` : ""});
    if (isRow && one.type >= 0) { path.style.fill = types[one.type].colour; label.style.fill = types[one.type].text; }
    const g = s("g", {class: "xg-node", role: "button", tabindex: -1, "data-n": n, "aria-label": spoken(n)}, path, label);
    nodeLayer.append(g);
    const weight = isRow ? 1 : Math.min(0.5 + 0.16 * Math.log2(one.events), 1);
    items.push({g, path, label, weight, kind: isRow ? (event ? "end" : one.anchor ? "anchor" : "identifier") : "events", look: "", fill: "", cross: null});
  }
  const drawn = {plain: s("path"), route: s("path"), cut: s("path"), decided: s("path"), near: s("path"), gone: s("path")};
  for (const [name, path] of Object.entries(drawn)) { path.setAttribute("class", `xg-edge xg-edge-${name}`); edgeLayer.append(path); }
  const ring = s("circle", {class: "xg-ring"}), focusRing = s("circle", {class: "xg-focus"});
  marks.append(ring, focusRing);

  function spoken(n) {
    const one = node(n);
    if (n >= R) return `${counted(one.events, "event")} with ${series(one.rows.slice(0, 6).map(r => nameOf(r)))}${one.rows.length > 6 ? ` and ${one.rows.length - 6} more` : ""}`;
    const said = [nameOf(n, 80), counted(one.events, "event")];
    if (one.anchor) said.push("anchor");
    if (one.culprit) said.push("suspected of joining different people");
    return said.join(", ");
  }

  // Where things are on the screen: x * scale + dx.
  const view = {scale: 1, dx: 0, dy: 0, fitted: 1, width: 900, height: 560};
  const xs = Float64Array.from({length: N}, (_, n) => node(n).x), ys = Float64Array.from({length: N}, (_, n) => node(n).y);
  const extent = values => { let low = Infinity, high = -Infinity; for (const v of values) { low = Math.min(low, v); high = Math.max(high, v); } return N ? [low, high] : [0, 0]; };
  const [left, right] = extent(xs), [upper, lower] = extent(ys);

  function measure() {
    const box = svg.getBoundingClientRect();
    view.width = Math.max(box.width, 120); view.height = Math.max(box.height, 120);
  }
  function fit() {
    const room = Math.min((view.width - 90) / Math.max(right - left, 0.5), (view.height - 70) / Math.max(lower - upper, 0.5), 140);
    Object.assign(view, {scale: room, fitted: room, dx: view.width / 2 - room * (left + right) / 2, dy: view.height / 2 - room * (upper + lower) / 2});
    state.moved = false;
    arrange();
  }
  function zoom(by, x = view.width / 2, y = view.height / 2) {
    const scale = Math.min(Math.max(view.scale * by, view.fitted / 3), view.fitted * 60);
    view.dx = x - (x - view.dx) * scale / view.scale;
    view.dy = y - (y - view.dy) * scale / view.scale;
    view.scale = scale; state.moved = true;
    arrange();
  }
  function pan(dx, dy) { view.dx += dx; view.dy += dy; state.moved = true; arrange(true); }
  // Nodes were moved apart for a room of 900 by 560: they are so large that they hardly touch.
  const ROOM = Math.min(900 / Math.max(right - left, 1e-6), 560 / Math.max(lower - upper, 1e-6), 140);
  const sizeNow = () => {
    const apart = Math.min(0.62 * Math.sqrt(900 * 560 / Math.max(N, 1)), 34) * view.fitted / ROOM;
    return Math.min(Math.max(apart * 0.44, 3), 11) * Math.min(Math.max((view.scale / view.fitted) ** 0.5, 0.6), 2.4);
  };
  const screen = n => [xs[n] * view.scale + view.dx, ys[n] * view.scale + view.dy];
  const sized = n => items[n].weight * sizeNow();

  function arrange(onlyPanned = false) {
    const begun = performance.now();
    edgeLayer.setAttribute("transform", `translate(${view.dx.toFixed(2)} ${view.dy.toFixed(2)}) scale(${view.scale.toFixed(4)})`);
    nodeLayer.setAttribute("transform", `translate(${view.dx.toFixed(2)} ${view.dy.toFixed(2)})`);
    if (!onlyPanned) for (let n = 0; n < N; n++) {
      items[n].g.setAttribute("transform", `translate(${(xs[n] * view.scale).toFixed(1)} ${(ys[n] * view.scale).toFixed(1)}) scale(${sized(n).toFixed(2)})`);
    }
    svg.classList.toggle("xg-small", sizeNow() < 7.5);
    placeMarks();
    placeLabels();
    timed("repaint", begun);
  }
  function timed(name, begun) {
    timings[name] = performance.now() - begun;
    requestAnimationFrame(() => setTimeout(() => { timings[name + "_frame"] = performance.now() - begun; }, 0));
  }
  function placeMarks() {
    for (const [mark, n] of [[ring, state.selected], [focusRing, state.focus]]) {
      mark.toggleAttribute("hidden", n < 0 || !isVisible[n]);
      if (n < 0) continue;
      const [x, y] = screen(n);
      mark.setAttribute("cx", x); mark.setAttribute("cy", y); mark.setAttribute("r", sized(n) * 1.25 + (mark === ring ? 5 : 8));
    }
  }

  // Labels: the most telling first, each where it touches nothing; those that find no room are counted.
  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  const widthOf = (text, bold) => {
    const key = (bold ? "b" : "") + text;
    if (!widths.has(key)) { pen.font = `${bold ? "600 " : ""}11px system-ui, sans-serif`; widths.set(key, pen.measureText(text).width); }
    return widths.get(key);
  };
  const byWeight = [...rows.keys()].sort((a, b) => rank(a) - rank(b) || rows[b].events - rows[a].events || a - b);
  function rank(r) { const one = rows[r]; return one.culprit ? 0 : one.is_owner || one.anchor ? 1 : one.route ? 2 : 3; }
  let placedLabels = [];
  function placeLabels() {
    const obstacles = [], wanted = [];
    for (let n = 0; n < N; n++) {
      if (!isVisible[n]) continue;
      const [x, y] = screen(n), k = sized(n) * (n < R ? 1 : 0.9);
      if (x > -40 && y > -40 && x < view.width + 40 && y < view.height + 40) obstacles.push({n, x, y, k, soft: n >= R});
    }
    const first = [state.selected, state.hits[state.hit] ?? -1].filter(n => n >= 0 && n < R);
    for (const r of new Set([...first, ...byWeight.slice(0, data.owners.length + 4), ...state.hits.filter(n => n < R), ...byWeight])) {
      if (!isVisible[r]) continue;
      const [x, y] = screen(r), chosen = r === state.selected, must = rank(r) < 2;
      if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
      const bold = must || chosen, text = brief(shown(rows[r]), bold ? 34 : 22);
      wanted.push({n: r, x, y, k: sized(r) + (chosen ? 9 : 3), text, bold, must, width: widthOf(text, bold) + 4});
    }
    const placed = placedLabels = xrefgraphLabels(wanted, obstacles, view.width, view.height);
    while (labelLayer.childNodes.length > placed.length) labelLayer.lastChild.remove();
    while (labelLayer.childNodes.length < placed.length) labelLayer.append(s("text", {"text-anchor": "middle"}));
    placed.forEach((one, n) => {
      const text = labelLayer.childNodes[n];
      if (text.textContent !== one.text) text.textContent = one.text;
      text.setAttribute("x", one.middle.toFixed(1)); text.setAttribute("y", one.base.toFixed(1));
      text.setAttribute("data-n", one.n);
      text.setAttribute("class", "xg-label" + (one.bold ? " xg-bold" : "") + (rows[one.n].culprit ? " xg-culprit" : "") + (dimmed(one.n) ? " xg-dim" : ""));
    });
    labelWords.textContent = placed.length < wanted.length ? `${number(placed.length)} of ${counted(wanted.length, "label")} have room: zoom in for more. ` : "";
  }

  // --------------------------------------------------------------------------------- what is to be seen
  const isVisible = new Uint8Array(N).fill(1);
  const columnCount = new Float64Array(columns.length);
  let pieces = piecesWithout(state.blocked), base = pieces, hitSet = new Set();
  const dimmed = n => hitSet.size > 0 && !hitSet.has(n);
  const PIECES = data.pieces, LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const trying = () => state.blocked.size > 0;

  function paint() {
    const begun = performance.now();
    columns.forEach((one, c) => {
      let then = 0, all = 0;
      for (let i = 0; i < one.bins.length; i += 2) { all += one.bins[i + 1]; if (one.bins[i] <= state.step) then += one.bins[i + 1]; }
      columnCount[c] = state.step >= ALL ? one.events : one.events - all + then;
    });
    rows.forEach((row, r) => { isVisible[r] = !state.off.has(row.type) && (state.step >= ALL || row.first_step <= state.step) ? 1 : 0; });
    columns.forEach((one, c) => { isVisible[R + c] = columnCount[c] > 0 && one.rows.some(r => isVisible[r]) ? 1 : 0; });
    for (let n = 0; n < N; n++) {
      const one = node(n), item = items[n];
      let look = "xg-node xg-" + item.kind;
      if (!isVisible[n]) look += " xg-off";
      if (one.culprit) look += " xg-culprit";
      if (n < R && one.is_owner && !one.anchor) look += " xg-owner";
      if (state.blocked.has(n)) look += " xg-blocked";
      if (n === state.selected) look += " xg-selected";
      if (hitSet.has(n)) look += " xg-hit";
      if (dimmed(n)) look += " xg-dim";
      if (look !== item.look) item.g.setAttribute("class", item.look = look);
      if (n >= R) {
        const piece = pieces.of[n];
        const fill = !trying() ? one.colour : piece >= 0 && piece < PIECES.length ? PIECES[piece] : "none";
        if (fill !== item.fill) { item.path.style.fill = item.fill = fill; item.label.style.fill = fill === "none" || !isDark(fill) ? "#1a1a1a" : "#fff"; }
        const said = trying() && piece >= 0 ? LETTERS[piece] ?? "" : columnCount[n - R] > 1 ? `×${number(columnCount[n - R])}` : "";
        if (item.label.textContent !== said) item.label.textContent = said;
        item.g.setAttribute("aria-pressed", n === state.selected);
      }
      const crossed = state.blocked.has(n);
      if (crossed && !item.cross) item.g.append(item.cross = s("path", {class: "xg-cross", d: SHAPES.cross}));
      if (!crossed && item.cross) { item.cross.remove(); item.cross = null; }
    }
    paintEdges();
    paintTime();
    placeMarks();
    placeLabels();
    timed("repaint", begun);
  }
  function isDark(colour) {
    const [r, g, b] = [1, 3, 5].map(n => parseInt(colour.slice(n, n + 2), 16) / 255).map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b <= 0.24;
  }
  function paintEdges() {
    const parts = {plain: [], route: [], cut: [], decided: [], near: [], gone: []};
    const line = (a, b) => `M${xs[a]} ${ys[a]}L${xs[b]} ${ys[b]}`;
    columns.forEach((one, c) => {
      if (!isVisible[R + c]) return;
      for (const r of one.rows) {
        if (!isVisible[r]) continue;
        const kind = state.blocked.has(r) ? "gone" : isCut[c].has(r) ? "cut" : rows[r].culprit || one.culprit ? "route" : "plain";
        parts[kind].push(line(r, R + c));
        if (kind === "plain" && (r === state.selected || R + c === state.selected)) parts.near.push(line(r, R + c));
      }
    });
    data.decided.forEach(([a, b]) => { if (isVisible[a] && isVisible[b]) parts.decided.push(line(a, b)); });
    for (const [name, list] of Object.entries(parts)) drawn[name].setAttribute("d", list.join(""));
  }

  // ---------------------------------------------------------------------------------------- the time
  const laneNames = [...data.owners.map(r => brief(shown(rows[r]), 18)), data.owners.length ? "between them" : "events"];
  const lanes = time.lanes.map((counts, n) => ({counts, n, name: laneNames[n], any: counts.some(one => one > 0)})).filter(one => one.any);
  const totals = time.lanes.length ? time.lanes[0].map((_, at) => time.lanes.reduce((sum, lane) => sum + lane[at], 0)) : [];
  const untimed = time.untimed.reduce((sum, one) => sum + one, 0);
  const everything = untimed + totals.reduce((sum, one) => sum + one, 0);
  const chart = s("svg", {class: "xg-chart", role: "img", "aria-label": "Events over time, a row for each owner"});
  let cursor = null, chartScale = () => 0;
  if (STEPS) {
    timeline.append(h("div", {class: "xg-until-line"}, h("h2", {text: "When"}), until), chart, slider);
    if (STEPS === 1) slider.disabled = true;
  } else timeline.append(h("h2", {text: "When"}), h("p", {text: `${counted(everything, "event")} without a time: there is nothing to replay.`}));
  const meetingWords = time.meetings.map(one => `${series(one.rows.map(r => brief(shown(rows[r]), 24)))} first joined by event ${one.event}${one.time ? `, ${one.time}` : ", which has no time"}.`);
  if (meetingWords.length) timeline.append(h("ul", {class: "xg-met"}, ...meetingWords.map(text => h("li", {text}))));

  function drawTime() {
    if (!STEPS) return;
    const width = Math.max(chart.getBoundingClientRect().width, 200);
    ({at: chartScale, cursor} = xrefgraphTimeline(chart, slider, {time, lanes, sides: data.sides, width, widthOf, s}));
    paintTime();
  }
  function paintTime() {
    if (!STEPS) return;
    const then = untimed + totals.slice(0, state.step + 1).reduce((sum, one) => sum + one, 0);
    const met = time.meetings.filter(one => one.step <= state.step).length;
    const tail = untimed ? ` (${counted(untimed, "event")} without a time among them)` : "";
    const joined = !time.meetings.length ? "" : met === time.meetings.length ? "; joined by then" : met ? `; ${met} of ${time.meetings.length} joined by then` : "; not joined yet";
    until.textContent = state.step >= ALL ? `all ${counted(everything, "event")}${tail}` : `until ${time.labels[state.step]}: ${number(then)} of ${counted(everything, "event")}${tail}${joined}`;
    slider.setAttribute("aria-valuetext", until.textContent);
    if (cursor) { const x = chartScale(state.step); cursor.setAttribute("x1", x); cursor.setAttribute("x2", x); cursor.toggleAttribute("hidden", state.step >= ALL); }
  }

  // ------------------------------------------------------------------------------------- the evidence
  const link = (n, text) => button(text, () => { select(n); reveal(n); }, {class: "xg-link", "data-n": n});
  const fact = (name, value) => (value === "" || value === undefined || value === null ? [] : [h("dt", {text: name}), h("dd", {}, ...(Array.isArray(value) ? value : [typeof value === "string" ? document.createTextNode(value) : value]))]);
  const sourcesOf = one => series(one.sources.map(n => data.sources[n]));
  const elsewhere = row => (row.others ? `${counted(row.others, "other profile")} ${row.others === 1 ? "carries" : "carry"} it too` : "no other profile carries it");
  const cutFrom = r => linksOf[r].reduce((sum, c) => sum + (isCut[c - R].has(r) ? columns[c - R].events : 0), 0);
  const carriedBy = r => [rows[r].events || !cutFrom(r) ? counted(rows[r].events, "event") : "", cutFrom(r) ? `cut from ${counted(cutFrom(r), "event")}` : ""].filter(Boolean).join(", ");
  const isOne = ([a, b]) => base.of[a] === base.of[b];
  const canBlock = r => r >= 0 && r < R && rows[r].one && rows[r].type >= 0;

  function table(head, body) {
    return h("div", {class: "xg-scroll", tabindex: 0, role: "region", "aria-label": head.join(", ")}, h("table", {}, h("thead", {}, h("tr", {}, ...head.map(text => h("th", {text, scope: "col"})))),
      h("tbody", {}, ...body.map(cells => h("tr", {}, ...cells.map(cell => (typeof cell === "string" ? h("td", {text: cell}) : h("td", {}, cell))))))));
  }
  const oldest = one => (!one.oldest.length ? null : h("div", {}, h("h3", {text: one.events > one.oldest.length ? `The oldest ${one.oldest.length} of ${counted(one.events, "event")}` : counted(one.oldest.length, "event")}),
    table(["event", "source", "time"], one.oldest.map(([source, id, at, text]) => [text ?? id, data.sources[source], at || "no time"]))));

  function showChosen() {
    const n = state.selected;
    if (n < 0) { chosen.replaceChildren(h("h2", {text: "Evidence"}), h("p", {class: "xg-quiet", text: "Click a node, or move to it with the arrow keys and press Enter: its evidence stands here."})); return; }
    const one = node(n), parts = [];
    if (n < R) {
      const title = h("h2", {}, chip(one.type), h("span", {text: one.one ? typeName(one) : shown(one)}));
      parts.push(title);
      if (one.one) parts.push(h("p", {class: "xg-value", text: shown(one)}));
      if (one.culprit) parts.push(h("p", {class: "xg-warn", text: trying() || !data.suspicions.some(some => some.rows.includes(n) && !isOne(some.pair)) ? "Suspected of joining different people." : "It would join different people."}));
      if (one.look) parts.push(h("p", {class: "xg-warn", text: `It ${one.look}.`}));
      parts.push(h("dl", {}, ...fact("carried by", `${one.one ? carriedBy(n) : counted(one.events, "link")}, in ${counted(linksOf[n].length, "group")} drawn`), ...fact("seen", span(one)), ...fact("sources", sourcesOf(one)),
        ...(one.owner >= 0 && !one.is_owner && !one.culprit ? fact("side of", link(data.owners[one.owner], nameOf(data.owners[one.owner]))) : []),
        ...(one.one && one.type >= 0 ? fact("elsewhere", elsewhere(one)) : [])));
      if (canBlock(n)) parts.push(button(state.blocked.has(n) ? "Unblock it" : "Block it: what if it linked nothing?", () => toggle(n), {class: "xg-block", "aria-pressed": state.blocked.has(n)}));
    } else {
      parts.push(h("h2", {text: one.events === 1 ? "1 event" : `${number(one.events)} events${one.groups > 1 ? "" : " that carry the same identifiers"}`}));
      if (one.culprit) parts.push(h("p", {class: "xg-warn", text: "Suspected: it carries what joins different people."}));
      parts.push(h("dl", {}, ...fact("when", span(one)), ...fact("sources", sourcesOf(one)), ...fact("sets", one.groups > 1 ? `${number(one.groups)} different sets of identifiers, drawn as one` : ""),
        ...(one.owner >= 0 ? fact("side of", link(data.owners[one.owner], nameOf(data.owners[one.owner]))) : [])));
    }
    parts.push(linkedTo(n), oldest(one));
    chosen.replaceChildren(...parts.filter(Boolean));
  }
  // What a node is linked to: of an identifier its event groups by the side on which they are, so that a culprit shows both.
  function linkedTo(n) {
    const near = linksOf[n], LISTED = 40;
    const item = other => {
      const cut = n < R ? isCut[other - R].has(n) : isCut[n - R].has(other);
      if (other < R) return h("li", {}, chip(rows[other].type), link(other, rows[other].one ? brief(shown(rows[other]), 44) : shown(rows[other])), cut ? h("em", {text: " cut"}) : null);
      const group = columns[other - R], rest = group.rows.filter(r => r !== n).map(r => nameOf(r, 26));
      const words = `${counted(group.events, "event")}${rest.length ? ` with ${series(rest.slice(0, 3))}${rest.length > 3 ? ` and ${rest.length - 3} more` : ""}` : " with nothing else"}`;
      return h("li", {}, link(other, words), h("span", {class: "xg-quiet", text: ` ${group.first}` + (group.oldest.length ? ` · ${group.oldest.slice(0, 3).map(e => brief(e[3] ?? e[1], 20)).join(", ")}${group.events > 3 ? ", …" : ""}` : "")}), cut ? h("em", {text: " cut"}) : null);
    };
    const list = some => h("ul", {class: "xg-links"}, ...some.slice(0, LISTED).map(item), some.length > LISTED ? h("li", {class: "xg-quiet", text: `and ${number(some.length - LISTED)} more`}) : null);
    if (n >= R) return h("div", {}, h("h3", {text: "Carries"}), list(near));
    const decided = data.decided.filter(pair => pair.includes(n)).map(([a, b]) => (a === n ? b : a));
    const made = decided.length ? [h("h3", {text: "Linked by a decision"}), list(decided)] : [];
    const weigh = some => [...some].sort((a, b) => columns[b - R].events - columns[a - R].events || a - b);
    if (data.owners.length < 2) return h("div", {}, h("h3", {text: `Occurs in ${counted(near.length, "group")} of events`}), list(weigh(near)), ...made);
    // Of a suspect it counts with whom they would be without it; of others, on whose side they are.
    const parts = [], without = canBlock(n) && node(n).culprit ? piecesWithout(new Set([n])) : null;
    const side = c => (without ? without.of[c] : columns[c - R].owner);
    const heading = key => {
      if (without) {
        const named = without.list[key]?.named ?? [];
        return named.length ? `With ${series(named.slice(0, 3).map(r => brief(shown(rows[r]), 30)))}` : "With none of them";
      }
      return key < 0 ? "Between them" : `On the side of ${brief(shown(rows[data.owners[key]]), 30)}`;
    };
    const keys = [...new Set(near.map(side))].sort((a, b) => (a < 0) - (b < 0) || a - b);
    for (const key of keys) {
      const some = weigh(near.filter(c => side(c) === key));
      parts.push(h("h3", {text: `${heading(key)}: ${counted(some.reduce((sum, c) => sum + columns[c - R].events, 0), "event")}`}), list(some));
    }
    return h("div", {}, ...parts, ...made);
  }

  function showJoins() {
    const found = new Map();  // what is suspected of several pairs stands once
    for (const one of data.suspicions) {
      const nodes = [...one.rows, ...one.columns.filter(c => c >= 0).map(c => R + c)];
      if (!nodes.length) continue;
      const key = nodes.join();
      if (!found.has(key)) found.set(key, {nodes, pairs: [], every: true});
      found.get(key).pairs.push(one.pair);
      found.get(key).every &&= one.every;
    }
    if (!found.size) { joins.remove(); return; }
    const said = [...found.values()].map(({nodes, pairs, every}) => {
      const owners = [...new Set(pairs.flat())].map(r => brief(shown(rows[r]), 24));
      const items = nodes.map(n => {
        const it = node(n), facts = [n < R ? carriedBy(n) : counted(it.events, "event")];
        if (n < R && it.look) facts.push(it.look);
        if (canBlock(n)) facts.push(elsewhere(it));
        facts.push(every ? "every way passes it" : nodes.length > 1 ? `one of ${nodes.length} that have to go together` : "not the only way");
        return h("li", {}, n < R ? chip(it.type) : null, link(n, nameOf(n)), h("span", {class: "xg-quiet", text: ` ${facts.join("; ")}`}));
      });
      return h("div", {}, h("p", {class: "xg-pair", text: `${series(owners)} ${pairs.every(isOne) ? "are" : "would be"} joined by`}), h("ul", {class: "xg-links"}, ...items));
    });
    const more = said.length - 4, off = data.pairs_left_off;
    joins.replaceChildren(h("h2", {text: data.suspicions.every(one => isOne(one.pair)) ? "What joins them" : "What would join them"}), ...said.slice(0, 4),
      ...(more > 0 ? [h("p", {class: "xg-quiet", text: `and ${counted(more, "more suspect")}`})] : []),
      ...(off ? [h("p", {class: "xg-quiet", text: `${counted(off, "more pair")} of owners ${off === 1 ? "was" : "were"} not looked at.`})] : []));
  }

  // -------------------------------------------------------------------------------------- what if
  const toml = text => JSON.stringify(text).replace(/[\u007f-\u009f]/g, one => "\\u" + one.charCodeAt(0).toString(16).padStart(4, "0"));
  const decisions = () => [...state.blocked].sort((a, b) => a - b).map(r => `[[decision]]\naction = "block"\nidentifier = [${toml(types[rows[r].type].name)}, ${toml(rows[r].value)}]\n`).join("\n");

  function showWhatIf() {
    const blocked = [...state.blocked].sort((a, b) => a - b), parts = [h("h2", {text: "What if"})];
    if (!blocked.length) {
      const guess = data.suspicions.find(one => isOne(one.pair) && one.rows.some(canBlock));
      parts.push(h("p", {class: "xg-quiet", text: base.list.length === 1 ? "Nothing is blocked: all hangs together." : `Nothing is blocked: ${counted(base.list.reduce((sum, one) => sum + one.alike, 0), "piece")}.`}));
      if (guess) {
        const some = guess.rows.filter(canBlock);
        parts.push(button(`Block ${series(some.slice(0, 3).map(r => nameOf(r, 24)))}${some.length > 3 ? ` and ${some.length - 3} more` : ""}`, () => block(some), {class: "xg-block xg-try"}));
      }
      whatIf.replaceChildren(...parts);
      return;
    }
    const count = pieces.list.reduce((sum, one) => sum + one.alike, 0);
    parts.push(h("p", {class: "xg-result", text: `Without ${series(blocked.slice(0, 3).map(r => nameOf(r, 30)))}${blocked.length > 3 ? ` and ${blocked.length - 3} more` : ""}: ${counted(count, "piece")}.`}));
    parts.push(h("ol", {class: "xg-pieces"}, ...pieces.list.slice(0, 12).map((one, n) => {
      const names = one.named.slice(0, 3).map(r => nameOf(r, 26)), more = one.named.length - names.length + one.anchors;
      const swatch = h("span", {class: "xg-swatch", text: LETTERS[n] ?? "·", "aria-hidden": "true"});
      if (PIECES[n]) { swatch.style.background = PIECES[n]; swatch.style.color = isDark(PIECES[n]) ? "#fff" : "#1a1a1a"; }
      return h("li", {}, swatch, h("span", {}, h("b", {text: `${one.alike > 1 ? `${number(one.alike)} pieces: ` : ""}${counted(one.events, "event")}, ${counted(one.identifiers, "identifier")}`}),
        h("span", {class: "xg-quiet", text: names.length || more ? ` ${series([...names, ...(more > 0 ? [`${number(more)} more`] : [])])}` : " no anchor"})));
    })));
    if (pieces.list.length > 12) parts.push(h("p", {class: "xg-quiet", text: `and ${counted(pieces.list.slice(12).reduce((sum, one) => sum + one.alike, 0), "more piece")}`}));
    if (pieces.left) parts.push(h("p", {text: `${counted(pieces.left, "event")} ${pieces.left === 1 ? "is" : "are"} left without any identifier.`}));
    parts.push(...data.suspicions.map(({pair}) => routeWords(pair, blocked)).filter(Boolean));
    parts.push(h("ul", {class: "xg-links xg-blocked-list"}, ...blocked.map(r => h("li", {}, chip(rows[r].type), link(r, brief(shown(rows[r]), 30)), h("span", {class: "xg-quiet", text: ` ${elsewhere(rows[r])}${rows[r].others ? ", and would be without it" : ""}. `}), button("unblock", () => toggle(r), {class: "xg-unblock", "aria-label": `Unblock ${nameOf(r)}`})))));
    parts.push(h("p", {class: "xg-quiet", text: "Pieces are what hangs together by the links that hold now. What a rebuild makes of it under your policy: xg.blast_radius."}));
    if (data.mask) parts.push(h("p", {class: "xg-note", text: "Decisions need the unmasked page: the values here are masked."}));
    else {
      const area = h("textarea", {class: "xg-toml", readonly: true, rows: 5, spellcheck: false, "aria-label": "Decisions in TOML"});
      area.value = decisions();
      const told = h("span", {class: "xg-quiet", role: "status"});
      parts.push(h("h3", {text: "As decisions"}), area, button("Copy", () => {
        area.focus(); area.select();
        let done = false;
        try { done = document.execCommand("copy"); } catch { done = false; }
        told.textContent = done ? " copied" : " selected: copy it with Ctrl+C";
      }, {class: "xg-copy"}), told);
    }
    whatIf.replaceChildren(...parts);
  }
  function routeWords(pair, blocked) {
    const [a, b] = pair, names = series(pair.map(r => brief(shown(rows[r]), 26)));
    if (blocked.includes(a) || blocked.includes(b)) return null;
    if (!isOne(pair)) return null;
    if (pieces.of[a] !== pieces.of[b]) return h("p", {class: "xg-parted", text: `${names} are parted.`});
    const way = wayBetween(a, b, state.blocked), inner = (way ?? []).slice(1, -1), next = inner.filter(canBlock);
    const by = inner.length ? `by ${series(inner.slice(0, 4).map(r => nameOf(r, 26)))}${inner.length > 4 ? ` and ${inner.length - 4} more` : ""}` : "directly: events carry both, or values that are not drawn one by one";
    const culprit = next.length ? next.reduce((best, r) => (rows[r].events < rows[best].events ? r : best)) : -1;
    return h("p", {class: "xg-not-enough"}, h("b", {text: blocked.length === 1 ? `Blocking ${nameOf(blocked[0], 26)} alone is not enough: ` : "It is not enough: "}), h("span", {text: `${names} still hang together ${by}. `}), culprit >= 0 ? button(`block ${nameOf(culprit, 22)} too`, () => block([culprit]), {class: "xg-link"}) : null);
  }
  function showResult() { const top = whatIf.offsetTop - panel.offsetTop; if (panel.scrollHeight > panel.clientHeight) panel.scrollTop = top; }
  function block(some) { some.filter(canBlock).forEach(r => state.blocked.add(r)); blockedChanged(); showResult(); }
  function unblock(some) { some.forEach(r => state.blocked.delete(r)); blockedChanged(); }
  function toggle(r) { state.blocked.has(r) ? unblock([r]) : block([r]); }
  function blockedChanged() {
    pieces = piecesWithout(state.blocked);
    paint(); showWhatIf(); showChosen();
    const count = pieces.list.reduce((sum, one) => sum + one.alike, 0);
    status.textContent = state.blocked.size ? `${counted(state.blocked.size, "value")} blocked: ${counted(count, "piece")}` : "nothing is blocked";
    host.onBlocked?.([...state.blocked].sort((a, b) => a - b));
  }

  // ---------------------------------------------------------------------- selecting, searching, moving
  function select(n) {
    if (n === state.selected) { showChosen(); return; }
    state.selected = n; paint(); showChosen();
    host.onSelected?.(n);
  }
  function reveal(n) {
    const [x, y] = screen(n), room = 40;
    if (x < room || y < room || x > view.width - room || y > view.height - room) pan(view.width / 2 - x, view.height / 2 - y);
  }
  function find() {
    const text = search.value.trim().toLowerCase();
    state.hits = []; state.hit = -1;
    if (text) for (let n = 0; n < N; n++) {
      const one = node(n);
      const some = n < R ? [one.value, shown(one)] : one.oldest.map(event => event[1]);
      if (some.some(value => value.toLowerCase().includes(text))) state.hits.push(n);
    }
    hitSet = new Set(state.hits);
    const identifiers = state.hits.filter(n => n < R).length, groups = state.hits.length - identifiers;
    hits.textContent = !text ? "" : !state.hits.length ? `no hit${data.folding ? " among what is drawn" : ""}` : [identifiers ? counted(identifiers, "identifier") : "", groups ? counted(groups, "event group") : ""].filter(Boolean).join(", ") + ": Enter goes to the next";
    paint();
  }
  function jump(by) {
    const some = state.hits.filter(n => isVisible[n]);
    if (!some.length) return;
    const at = some.indexOf(state.hits[state.hit]);
    const n = some[(at + by + (at < 0 && by < 0 ? 1 : 0) + some.length) % some.length];
    state.hit = state.hits.indexOf(n);
    hits.textContent = `hit ${some.indexOf(n) + 1} of ${some.length}: ${nameOf(n, 30)}`;
    select(n); reveal(n); focusOn(n, false);
  }
  function focusOn(n, really = true) {
    if (state.focus >= 0) items[state.focus].g.setAttribute("tabindex", -1);
    state.focus = n;
    items[n].g.setAttribute("tabindex", 0);
    if (really) { reveal(n); items[n].g.focus({preventScroll: true}); }
    placeMarks();
  }
  function towards(key, from) {
    const [dx, dy] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[key];
    let best = -1, least = Infinity;
    for (let n = 0; n < N; n++) {
      if (n === from || !isVisible[n]) continue;
      const x = xs[n] - xs[from], y = ys[n] - ys[from], along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
      if (along <= 1e-9 || aside > along * 2) continue;
      const cost = along + 2 * aside;
      if (cost < least) { least = cost; best = n; }
    }
    return best;
  }
  function nextVisible(from, by) {
    for (let k = 1; k <= N; k++) { const n = (from + by * k + N * (k + 1)) % N; if (isVisible[n]) return n; }
    return -1;
  }
  svg.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = Number(event.target.closest?.(".xg-node")?.dataset.n ?? -1);
    const key = event.key, at = from < 0 ? state.focus : from;
    let done = true;
    if (key === "+" || key === "=") zoom(1.4, ...(at >= 0 ? screen(at) : []));
    else if (key === "-") zoom(1 / 1.4, ...(at >= 0 ? screen(at) : []));
    else if (key === "0") fit();
    else if (at < 0) done = false;
    else if (key.startsWith("Arrow")) { const n = towards(key, at); if (n >= 0) focusOn(n); }
    else if (key === "n" || key === "p") { const n = nextVisible(at, key === "n" ? 1 : -1); if (n >= 0) focusOn(n); }
    else if (key === "Home") focusOn(firstNode());
    else if (key === "Enter" || key === " ") select(at);
    else if (key === "b" && canBlock(at)) { select(at); toggle(at); }
    else if (key === "Escape") select(-1);
    else done = false;
    if (done) event.preventDefault();
  });
  nodeLayer.addEventListener("focusin", event => { const g = event.target.closest(".xg-node"); if (g) { state.focus = Number(g.dataset.n); svg.classList.add("xg-has-focus"); placeMarks(); } });
  nodeLayer.addEventListener("focusout", () => svg.classList.remove("xg-has-focus"));

  // Dragging pans, two fingers zoom; what did not move is a click. The wheel zooms with Ctrl, since the page scrolls without.
  const fingers = new Map();
  let travelled = 0;
  svg.addEventListener("pointerdown", event => { fingers.set(event.pointerId, event); if (fingers.size === 1) travelled = 0; });
  svg.addEventListener("pointermove", event => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    travelled += Math.hypot(dx, dy);
    if (travelled > 4 && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    if (fingers.size === 1) { if (travelled > 4) pan(dx, dy); }
    else {
      const [other] = [...fingers.values()].filter(one => one.pointerId !== event.pointerId), box = svg.getBoundingClientRect();
      const was = Math.hypot(before.clientX - other.clientX, before.clientY - other.clientY), is = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
      if (was > 1) zoom(is / was, (event.clientX + other.clientX) / 2 - box.left, (event.clientY + other.clientY) / 2 - box.top);
    }
    fingers.set(event.pointerId, event);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) svg.addEventListener(name, event => fingers.delete(event.pointerId));
  svg.addEventListener("click", event => {
    if (travelled > 4) return;
    const n = event.target.closest(".xg-node, .xg-label")?.dataset.n;
    if (n === undefined) { select(-1); return; }
    select(Number(n)); focusOn(Number(n), false);
  });
  svg.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = svg.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.002), event.clientX - box.left, event.clientY - box.top);
  }, {passive: false});

  // ------------------------------------------------------------------------------------- the paths
  function showPaths() {
    if (!data.paths.length) { paths.remove(); return; }
    const end = one => (one.row >= 0 ? link(one.row, one.name) : one.name);
    paths.replaceChildren(h("h2", {text: data.paths.length > 1 ? `${data.paths.length} ways from one to the other` : "The way from one to the other"}),
      ...data.paths.map(one => {
        const shown_ = table(["", "from", "by", "to", "when", "such as"], one.legs.map((leg, n) => [
          leg.cut ? "✂" : leg.weak ? "weakest" : String(n + 1), end(leg.a), leg.by, end(leg.b), span(leg), leg.such.join(", ")]));
        shown_.querySelectorAll("tbody tr").forEach((tr, n) => { if (one.legs[n].weak) tr.className = "xg-weak"; });
        return h("div", {}, shown_, one.left_out ? h("p", {class: "xg-quiet", text: `and ${counted(one.left_out, "more step")}`}) : null);
      }));
  }

  // --------------------------------------------------------------------------------------- all begins
  function firstNode() { const first = byWeight.find(r => isVisible[r]); return first ?? 0; }
  showJoins(); showPaths();
  const culprit = data.suspicions.flatMap(one => [...one.rows, ...one.columns.map(c => R + c)]).find(n => n >= 0 && n < N);
  state.selected = culprit ?? -1;
  showChosen(); showWhatIf();
  measure();
  if (N) { state.focus = firstNode(); items[state.focus].g.setAttribute("tabindex", 0); }
  paint(); fit(); drawTime();
  let size = [view.width, view.height];
  const observer = new ResizeObserver(() => {
    measure();
    if (Math.abs(view.width - size[0]) < 1 && Math.abs(view.height - size[1]) < 1) return;
    size = [view.width, view.height];
    state.moved ? arrange() : fit();
    drawTime();
  });
  observer.observe(svg);
  timed("mount", started);
  return {
    timings, state, select, fit, zoom,
    block, unblock, setBlocked: some => { if (String(some) !== String([...state.blocked].sort((a, b) => a - b))) { state.blocked = new Set(some.filter(canBlock)); blockedChanged(); } },
    pieces: () => pieces, labels: () => placedLabels, screen, visible: n => Boolean(isVisible[n]), decisions,
    close: () => { observer.disconnect(); root.replaceChildren(); },
  };
}
