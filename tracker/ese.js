// The end of ese.js: starts with the attributes of the script element that names this file.
const options = [...document.scripts].find(({ src }) => src === import.meta.url)?.dataset ?? {};
const early = [];
globalThis.ese = { track: (...event) => (early.length < 10_000 && early.push(event), null) };
await __wbg_init({ module_or_path: new URL("{{wasm}}", import.meta.url) });
start(options.endpoint ?? new URL(".", import.meta.url).href, options.key, options.route, options.keys, "ignoreDnt" in options);
globalThis.ese = { track, flush, status, optOut, optIn };
early.forEach(event => track(...event));
