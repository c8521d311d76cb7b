// The end of ese.js: starts with the attributes of the script element that names this file.
const options = [...document.scripts].find(({ src }) => src === import.meta.url)?.dataset ?? {};
const early = [];
let started = false;
// In WebKit, modules that import this one may run before its `await` is over: https://bugs.webkit.org/show_bug.cgi?id=242740
const waiting = call => (...given) => started ? call(...given) : (early.length < 10_000 && early.push(() => call(...given)), null);
export const [track, flush, status, optOut, optIn] = [trackNow, flushNow, statusNow, optOutNow, optInNow].map(waiting);
globalThis.ese = { track };
await __wbg_init({ module_or_path: new URL("{{wasm}}", import.meta.url) });
start(options.endpoint ?? new URL(".", import.meta.url).href, options.key, options.route, options.keys, "ignoreDnt" in options);
started = true;
globalThis.ese = { track, flush, status, optOut, optIn };
// Each on its own: an error of one is reported, and keeps no other.
early.forEach(call => queueMicrotask(call));
