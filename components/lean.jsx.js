// In place of @emotion/react (8 kB in every page): styles that pages write in Python are plain properties, which the browser takes as
// they are. Selectors and media queries are in assets/*.css; lean.vite.js refuses them here.
import { createElement } from "react";

export function jsx(type, props, ...children) {
  if (!props?.css) return createElement(type, props, ...children);
  const { css, ...others } = props;
  return createElement(type, { ...others, style: { ...css, ...others.style } }, ...children);
}
