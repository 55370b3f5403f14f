import type { Page } from 'playwright-core';

/** Every text that a reader sees or hears: text nodes, labels, titles, placeholders; each once. */
export function readTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts = new Set<string>();
    const isShown = (element: Element): boolean =>
      element.checkVisibility() && element.closest('script, style, noscript') === null;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node.parentElement !== null && isShown(node.parentElement)) {
        texts.add(node.textContent?.trim() ?? '');
      }
    }
    const attributes = ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'];
    for (const name of attributes) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        if (isShown(element)) texts.add(element.getAttribute(name) ?? '');
      }
    }
    return [...texts].filter((text) => text !== '');
  });
}
