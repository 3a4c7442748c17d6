(() => {
  const rgba = text => { const found = text.match(/[\d.]+/g).map(Number); return found.length === 3 ? [...found, 1] : found; };
  const light = colour => { const [r, g, b] = colour.slice(0, 3).map(one => { const part = one / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (one, other) => { const [low, high] = [light(one), light(other)].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
  const behind = element => { for (let one = element; one; one = one.parentElement) { const colour = rgba(getComputedStyle(one).backgroundColor); if (colour[3] > 0.99) return colour; } return [255, 255, 255, 1]; };
  const poor = []; let texts = 0, bars = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const said = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (!said || !box.width || style.visibility === "hidden" || ["STYLE", "TITLE", "style", "title", "desc"].includes(element.tagName)) continue;
    const isDrawn = element instanceof SVGElement, colour = rgba(isDrawn ? style.fill : style.color);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700), least = isLarge ? 3 : 4.5;
    texts += 1;
    if (ratio(colour, behind(element)) < least) poor.push(`${said}: ${style.color} ${ratio(colour, behind(element)).toFixed(2)}`);
  }
  for (const bar of document.querySelectorAll(".series rect")) {
    const fill = getComputedStyle(bar).fill;
    if (fill === "none" || rgba(fill)[3] === 0) continue;
    bars += 1;
    if (ratio(rgba(fill), behind(bar)) < 3) poor.push(`bar ${fill} ${ratio(rgba(fill), behind(bar)).toFixed(2)}`);
  }
  return { texts, bars, poor };
})()
