"use strict";
// A case that is opened gets its page: put together from what all pages have in common and what is its own.
(function () {
  function parsed(id) {
    var found = document.getElementById(id);
    return found ? JSON.parse(found.textContent) : null;
  }
  var shell = null;
  function opened(details) {
    var box = details.querySelector(".page");
    if (!box || box.querySelector("iframe")) { return; }
    var own = parsed("page-" + box.dataset.case);
    shell = shell || parsed("shell");
    if (!own || !shell) { return; }
    // As in Python: nothing in the data ends the script that it stands in.
    var data = JSON.stringify(own.data).replace(/</g, "\\u003c").replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
    var frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.title = "Profiles of conflict " + box.dataset.case;
    frame.srcdoc = own.before.join(shell.style) + data + own.after.join(shell.script);
    box.appendChild(frame);
  }
  var cases = document.querySelectorAll("details.case");
  cases.forEach(function (one) {
    one.addEventListener("toggle", function () { if (one.open) { opened(one); } });
  });
  function follow() {
    var one = /^#case-\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
    if (one) { one.open = true; one.scrollIntoView(); }
  }
  window.addEventListener("hashchange", follow);
  document.querySelectorAll('a[href^="#case-"]').forEach(function (link) {
    link.addEventListener("click", function () { setTimeout(follow, 0); });
  });
  follow();
})();
