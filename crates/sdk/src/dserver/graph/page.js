(() => {
  const svg = document.querySelector(".picture > svg");
  const box = svg.viewBox.baseVal;
  // No larger than it was drawn.
  const width = Math.max(box.width, svg.clientWidth), height = Math.max(box.height, svg.clientHeight);
  const whole = { x: box.x - (width - box.width) / 2, y: box.y - (height - box.height) / 2, width, height };
  let view = whole, hold = null, dragged = false;
  const show = (next) => {
    view = next;
    svg.setAttribute("viewBox", [view.x, view.y, view.width, view.height].join(" "));
  };
  const point = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const zoom = (wish, at) => {
    const to = Math.min(Math.max(view.width * wish, 200), whole.width * 3), by = to / view.width;
    show({ x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by, width: to, height: view.height * by });
  };
  const middle = () => ({ x: view.x + view.width / 2, y: view.y + view.height / 2 });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(event.deltaY / 400), point(event));
  }, { passive: false });
  svg.addEventListener("pointerdown", (event) => {
    hold = { x: event.clientX, y: event.clientY, view, scale: svg.getScreenCTM().a };
    dragged = false;
  });
  addEventListener("pointermove", (event) => {
    if (!hold) return;
    const x = event.clientX - hold.x, y = event.clientY - hold.y;
    dragged ||= Math.hypot(x, y) > 4;
    if (dragged) show({ ...hold.view, x: hold.view.x - x / hold.scale, y: hold.view.y - y / hold.scale });
  });
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { hold = null; });
  // The end of a drag is no click on a dataset.
  svg.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  const tools = document.querySelector(".tools");
  tools.hidden = false;
  const [larger, smaller, all] = tools.children;
  larger.addEventListener("click", () => zoom(1 / 1.4, middle()));
  smaller.addEventListener("click", () => zoom(1.4, middle()));
  all.addEventListener("click", () => show(whole));
  show(whole);
})();
