// Written into the build by components/lean.py: what the framework puts into every page and ours never use is left out.
import { fileURLToPath } from "url";

const JSX = fileURLToPath(new URL("./utils/photobank_jsx.js", import.meta.url));
const COOKIES = "\0photobank-no-cookies";
const REFUSED = `throw new EvalError("the policy of these pages lets no text run as a program")`;
const FRAME = /node_modules[\\/](?:react|react-dom|scheduler|react-router|socket\.io-[a-z]+|engine\.io-[a-z]+|@socket\.io|mergician)[\\/]|[\\/]\.?web[\\/](?:utils[\\/](?:state|context|context-registry|react-theme)\.jsx?$|utils[\\/]helpers[\\/])/;

// Says so when the framework has changed, instead of leaving nothing out in silence.
function replaced(plugin, code, what, by, least = 1) {
  const found = code.match(what) || [];
  if (found.length < least) plugin.error(`components/lean.vite.js: ${what} is not in the framework's file any more`);
  return code.replace(what, by);
}

export default function photobankLean() {
  return {
    name: "photobank-lean",
    enforce: "pre",
    config: () => ({ build: { rollupOptions: { output: { codeSplitting: { groups: [{ test: FRAME, name: "frame" }] } } } } }),
    resolveId(source) {
      if (source === "universal-cookie") return COOKIES;
      return source === "@emotion/react" ? JSX : null;
    },
    load(id) {
      // No state of ours keeps anything in a cookie that scripts can read; one that wants to is told so.
      return id === COOKIES ? 'const no = () => { throw new Error("no cookies for scripts"); }; export default class { get = no; set = no; remove = no; }' : null;
    },
    transform(code, id) {
      const file = id.split("?")[0];
      // Pages forbid eval, so these never ran; but while the file holds one, no name in its chunk can be made short.
      if (file.endsWith("/utils/state.js")) {
        return replaced(this, code, /\beval\((?:`[^`]*`|[\w.]+)\)/g, `(() => { ${REFUSED}; })()`, 5);
      }
      // Pages talk over a WebSocket alone.
      if (file.endsWith("/engine.io-client/build/esm/transports/index.js")) return 'import { WS } from "./websocket.node.js"; export const transports = { websocket: WS };';
      // The house's styles come first among those that React puts into the head (components/ui/styles.py).
      if (file.endsWith("/app/_document.js")) return replaced(this, code, /rel:"stylesheet",(?=type:"text\/css")/g, 'rel:"stylesheet",precedence:"house",');
      // Whole libraries handed to components that the server would send as text, which eval would have to run.
      if (file.endsWith("/app/root.jsx")) return replaced(this, code, /window\.__reflex = \{[^}]*\};/g, "");
      if (/\bcss:\(\{[^)]*\["[&:@]/.test(code)) this.error(`${file}: a style with a selector in it; write it in assets/*.css`);
      return null;
    },
  };
}
