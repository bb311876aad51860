// The events over time: a lane for each owner, a line where owners met. Drawn into an SVG; the slider below it goes along.
"use strict";
function xrefgraphTimeline(chart, slider, {time, lanes, sides, width, widthOf, s}) {
  const LANE = 26, TOP = 16, STEPS = time.labels.length;
  const name = Math.min(Math.max(60, ...lanes.map(one => widthOf(one.name, false) + 12)), width * 0.35), room = width - name - 14;
  const at = step => name + 4 + room * (step < 0 ? 0 : time.places[step]);
  slider.style.marginLeft = `${name - 4}px`; slider.style.width = `${room + 16}px`;
  const height = TOP + LANE * lanes.length + 18;
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.style.height = `${height}px`;
  const most = Math.max(1, ...lanes.map(lane => Math.max(...lane.counts)));
  const bar = Math.max(1.5, Math.min(6, room / STEPS - 0.5));
  const parts = [];
  lanes.forEach((lane, place) => {
    const floor = TOP + LANE * (place + 1);
    parts.push(s("text", {x: name - 6, y: floor - 6, "text-anchor": "end", class: "xg-lane", text: lane.name}), s("line", {x1: name, x2: width - 4, y1: floor, y2: floor, class: "xg-floor"}));
    const d = lane.counts.map((count, step) => (count ? `M${(at(step) - bar / 2).toFixed(1)} ${floor}v${(-(4 + (LANE - 8) * Math.sqrt(count / most))).toFixed(1)}h${bar.toFixed(1)}V${floor}Z` : "")).join("");
    const bars = s("path", {d, class: "xg-bars"});
    if (sides[lane.n]) bars.style.fill = sides[lane.n];
    parts.push(bars);
  });
  const bottom = TOP + LANE * lanes.length;
  parts.push(s("text", {x: name + 4, y: bottom + 14, class: "xg-tick", text: time.begins}), s("text", {x: width - 6, y: bottom + 14, "text-anchor": "end", class: "xg-tick", text: time.ends}));
  // Each meeting has its line; words only where they lie on no other one.
  const met = [...time.meetings].filter(one => one.step >= 0).sort((one, other) => one.step - other.step);
  const lines = [...new Set(met.map(one => at(one.step)))];
  let free = -Infinity;
  for (const one of met) {
    const x = at(one.step), text = `joined ${one.time}`, w = widthOf(text, true) + 6;
    parts.push(s("line", {x1: x, x2: x, y1: TOP - 4, y2: bottom, class: "xg-merge"}), s("path", {d: `M${x - 4} ${TOP - 8}h8l-4 6Z`, class: "xg-merge-mark"}));
    const start = x + 7 + w <= width ? x + 7 : x - 7 - w;
    if (start < free || start < 0 || lines.some(line => line !== x && line > start - 6 && line < start + w + 4)) continue;
    parts.push(s("text", {x: start, y: TOP - 5, class: "xg-merge-words", text}));
    free = start + w + 10;
  }
  const cursor = s("line", {y1: TOP - 4, y2: bottom, class: "xg-cursor"});
  parts.push(cursor);
  chart.replaceChildren(...parts);
  return {at, cursor};
}
